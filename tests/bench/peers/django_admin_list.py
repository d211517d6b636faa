"""The same meters in Django's admin: fifty a page, for whoever signed in."""

import os
import shutil
from pathlib import Path

import django
from django.conf import settings

FOLDER = Path(os.environ["BENCH_FOLDER"])
FILE = FOLDER / "django.sqlite"  # a copy: Django keeps its people and sessions beside the meters
shutil.copy(FOLDER / "meterdesk.sqlite", FILE)
settings.configure(
    DEBUG=False,
    SECRET_KEY="for the bench",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "tests.bench.peers",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FILE, "CONN_MAX_AGE": None}},
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    STATIC_URL="/static/",
)
django.setup()

from django.contrib import admin  # noqa: E402 - only after the settings
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402


class Unit(models.Model):
    unit_no = models.CharField(max_length=64)

    class Meta:
        app_label, managed, db_table = "peers", False, "unit"

    def __str__(self) -> str:
        return str(self.unit_no)


class Meter(models.Model):
    unit = models.ForeignKey(Unit, models.CASCADE)
    meter_no = models.CharField(max_length=64)
    supply = models.CharField(max_length=8)
    balance_paise = models.IntegerField()
    grid_wh = models.IntegerField()
    dg_wh = models.IntegerField()
    read_at = models.DateTimeField()
    doubt = models.TextField(null=True)

    class Meta:
        app_label, managed, db_table = "peers", False, "meter"


@admin.register(Meter)
class Meters(admin.ModelAdmin):
    list_display = ("unit", "meter_no", "supply", "balance_paise", "grid_wh", "dg_wh", "read_at", "doubt")
    list_select_related = ("unit",)
    list_per_page = 50


def ready(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ready\n")


urlpatterns = [path("ready", ready), path("admin/", admin.site.urls)]
# Django's "user" table would be auth_user, so it and ours stand side by side.
call_command("migrate", verbosity=0)
User.objects.create_superuser("manager", password=os.environ.get("BENCH_PASSWORD", "only for the bench"))
app = get_wsgi_application()
