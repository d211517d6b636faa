"""What the assembly takes from each room: its pages, and its tasks with what happens how often."""

from webapp.alerts import letters as _letters  # noqa: F401 - it listens to the people's room
from webapp.alerts import tasks as alerts_tasks
from webapp.alerts import views as alerts
from webapp.desk import import_views as imports
from webapp.desk import server_views as servers
from webapp.desk import usage_views as usage
from webapp.desk import views as desk
from webapp.generators import tasks as generators_tasks
from webapp.generators import views as generators
from webapp.meters import tasks as meters_tasks
from webapp.meters import views as meters
from webapp.orders import tasks as orders_tasks
from webapp.orders import views as orders
from webapp.people import account_views as account
from webapp.people import person_views as person
from webapp.people import register_views as register
from webapp.people import tasks as people_tasks
from webapp.people import views as people
from webapp.societies import tasks as societies_tasks

VIEWS = (
    people, account, register, person, imports, desk, usage, servers, meters, orders, generators, alerts,
)  # fmt: skip
TASKS = (societies_tasks, people_tasks, alerts_tasks, generators_tasks, meters_tasks, orders_tasks)
