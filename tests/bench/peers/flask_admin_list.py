"""The same meters as a Flask-Admin list: fifty a page, for whoever signed in."""

import os
from pathlib import Path
from typing import Any

from flask import Flask, redirect, request
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.schema import ForeignKey


class Base(DeclarativeBase):
    """Two tables of ours, as far as the list shows them."""


class Unit(Base):
    __tablename__ = "unit"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_no: Mapped[str]


class Meter(Base):
    __tablename__ = "meter"
    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    meter_no: Mapped[str]
    supply: Mapped[str]
    balance_paise: Mapped[int]
    grid_wh: Mapped[int]
    dg_wh: Mapped[int]
    read_at: Mapped[str]
    doubt: Mapped[str]
    unit: Mapped[Unit] = relationship()


class User(UserMixin):
    id = "1"


class Meters(ModelView):
    page_size = 50
    column_list = (
        "unit.unit_no",
        "meter_no",
        "supply",
        "balance_paise",
        "grid_wh",
        "dg_wh",
        "read_at",
        "doubt",
    )
    can_create = can_edit = can_delete = False

    def is_accessible(self) -> bool:
        return bool(current_user.is_authenticated)


app = Flask("flask_admin_list")
app.config.update(
    SECRET_KEY="for the bench",
    SQLALCHEMY_DATABASE_URI=f"sqlite:///{Path(os.environ['BENCH_FOLDER']) / 'meterdesk.sqlite'}",
)
db = SQLAlchemy(app)
login = LoginManager(app)
Admin(app).add_view(Meters(Meter, db.session, endpoint="meters"))


@login.user_loader  # type: ignore[untyped-decorator]
def load(_id: str) -> User:
    return User()


@app.get("/ready")
def ready() -> str:
    return "ready\n"


@app.route("/login", methods=["GET", "POST"])
def sign_in() -> Any:
    if request.method == "GET":
        return "<form method=post>"
    login_user(User())
    return redirect("/admin/meters/")
