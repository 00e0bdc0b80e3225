"""SQLAlchemy, by someone who had seen neither the judge nor its samples: a store's warehouse."""

from __future__ import annotations

MODELS = """\
from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list[Order]] = relationship(back_populates="customer")


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    placed: Mapped[datetime]
    state: Mapped[str]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    customer: Mapped[Customer] = relationship(back_populates="orders")
    lines: Mapped[list[Line]] = relationship(back_populates="order", cascade="all, delete-orphan")

    @property
    def units(self) -> int:
        return sum(line.amount for line in self.lines)


class Product(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    price: Mapped[int]


class Line(Base):
    __tablename__ = "lines"
    id: Mapped[int] = mapped_column(primary_key=True)
    amount: Mapped[int]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    order: Mapped[Order] = relationship(back_populates="lines")
    product: Mapped[Product] = relationship()
"""

OLD_MODELS = """\
from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


class Team(Base):
    __tablename__ = "teams"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    members = relationship("Member", back_populates="team")


class Member(Base):
    __tablename__ = "members"
    id = Column(Integer, primary_key=True)
    email = Column(String)
    team_id = Column(Integer, ForeignKey("teams.id"))
    team = relationship("Team", back_populates="members")
    badges = relationship("Badge", lazy="selectin")


class Badge(Base):
    __tablename__ = "badges"
    id = Column(Integer, primary_key=True)
    title = Column(String)
    member_id = Column(Integer, ForeignKey("members.id"))
"""


def store(**files: str) -> dict[str, str]:
    """Return a project with models of SQLAlchemy 2."""
    named = {f"store/{name}.py": text for name, text in files.items()}
    return {"pyproject.toml": "", "store/__init__.py": "", "store/models.py": MODELS, **named}


def teams(**files: str) -> dict[str, str]:
    """Return a project with models as SQLAlchemy 1.4 has them."""
    named = {f"teams/{name}.py": text for name, text in files.items()}
    return {"pyproject.toml": "", "teams/__init__.py": "", "teams/models.py": OLD_MODELS, **named}


POSITIVE: dict[str, dict[str, str]] = {
    "held out: FastAPI and a session that is asynchronous": store(
        api="""\
from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store.database import get_session
from store.models import Customer, Order

router = APIRouter()


@router.get("/orders")
async def orders(session: AsyncSession = Depends(get_session)):
    result = await session.execute(select(Order).where(Order.state == "open").limit(100))
    rows = []
    for order in result.scalars().all():
        customer = await session.get(Customer, order.customer_id)  # asks
        rows.append({"id": order.id, "customer": customer.name})
    return rows
"""
    ),
    "held out: what each response needs": store(
        api="""\
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from store.database import get_session
from store.models import Order

router = APIRouter()


class OrderOut(BaseModel):
    id: int
    customer: str


@router.get("/orders", response_model=list[OrderOut])
def orders(session: Annotated[Session, Depends(get_session)], state: str = "open"):
    found = session.scalars(select(Order).where(Order.state == state).order_by(Order.placed.desc()))
    return [OrderOut(id=order.id, customer=order.customer.name) for order in found]  # asks
"""
    ),
    "held out: a repository that counts": store(
        repository="""\
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.models import Customer, Order


class Customers:
    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> list[Customer]:
        return list(self._session.scalars(select(Customer).order_by(Customer.name)))

    def orders_of(self, customer: Customer) -> int:
        return self._session.scalar(select(func.count()).select_from(Order).where(Order.customer_id == customer.id))

    def report(self) -> dict[str, int]:
        return {customer.name: self.orders_of(customer) for customer in self.all()}  # asks
"""
    ),
    "held out: loaded early, but not deep enough": store(
        services="""\
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from store.models import Order


def picking_list(session: Session) -> list[str]:
    statement = select(Order).where(Order.state == "paid").options(selectinload(Order.lines))
    texts = []
    for order in session.scalars(statement).all():
        for line in order.lines:
            texts.append(f"{line.amount} x {line.product.title}")  # asks
    return texts
"""
    ),
    "held out: a property over a relation": store(
        services="""\
from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import Order


def largest(session: Session) -> list[tuple[int, int]]:
    with session.begin():
        orders = session.execute(select(Order).order_by(Order.id)).scalars()
        units = [(order.id, order.units) for order in orders]  # asks
    return sorted(units, key=lambda pair: -pair[1])[:10]
"""
    ),
    "held out: an import that looks up each product": store(
        imports="""\
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import Line, Order, Product


def add_lines(session: Session, order: Order, rows: Iterable[dict[str, str]]) -> None:
    for row in rows:
        product = session.execute(select(Product).where(Product.sku == row["sku"])).scalar_one()  # asks
        order.lines.append(Line(product=product, amount=int(row["amount"])))
    session.commit()
"""
    ),
    "held out: a query of 1.4, and its rows' relation": teams(
        mails="""\
from teams.models import Team


def addresses(session):
    found = {}
    for team in session.query(Team).filter(Team.name != "staff").order_by(Team.name):
        found[team.name] = [member.email for member in team.members]  # asks
    return found
"""
    ),
}

NEGATIVE: dict[str, dict[str, str]] = {
    "held out: FastAPI that loads early": store(
        api="""\
from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from store.database import get_session
from store.models import Line, Order

router = APIRouter()


@router.get("/orders")
async def orders(session: AsyncSession = Depends(get_session)):
    statement = select(Order).options(joinedload(Order.customer), selectinload(Order.lines).joinedload(Line.product))
    result = await session.scalars(statement.limit(100))
    return [
        {"id": order.id, "customer": order.customer.name, "products": [line.product.title for line in order.lines]}
        for order in result
    ]
"""
    ),
    "held out: a join whose rows are told": store(
        services="""\
from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from store.models import Customer, Order


def of_name(session: Session, name: str) -> list[str]:
    statement = (
        select(Order).join(Order.customer).where(Customer.name == name).options(contains_eager(Order.customer))
    )
    return [f"{order.id} {order.customer.name}" for order in session.scalars(statement)]
"""
    ),
    "held out: products by their numbers at once": store(
        imports="""\
from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import Line, Order, Product


def add_lines(session: Session, order: Order, rows: list[dict[str, str]]) -> None:
    wanted = {row["sku"] for row in rows}
    products = {product.sku: product for product in session.scalars(select(Product).where(Product.sku.in_(wanted)))}
    for row in rows:
        session.add(Line(order=order, product=products[row["sku"]], amount=int(row["amount"])))
    session.commit()
"""
    ),
    "held out: partitions of a long result": store(
        exports="""\
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from store.models import Order


def export(session: Session, write) -> None:
    statement = select(Order).options(selectinload(Order.lines)).execution_options(yield_per=500)
    for orders in session.scalars(statement).partitions():
        for order in orders:
            write(order.id, order.units)
        session.expunge_all()
"""
    ),
    "held out: a queue": store(
        worker="""\
import time

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.database import engine
from store.models import Order


def work() -> None:
    while True:
        with Session(engine) as session, session.begin():
            statement = select(Order).where(Order.state == "paid").limit(1).with_for_update(skip_locked=True)
            order = session.scalars(statement).first()
            if order is not None:
                order.state = "packed"
                print(order.customer.name)
        if order is None:
            time.sleep(1)
"""
    ),
    "held out: prices that are remembered": store(
        prices="""\
from sqlalchemy.orm import Session

from store.models import Product


def total(session: Session, basket: list[tuple[int, int]]) -> int:
    known: dict[int, Product] = {}
    cents = 0
    for product_id, amount in basket:
        product = known.get(product_id)
        if product is None:
            product = known[product_id] = session.get(Product, product_id)
        cents += product.price * amount
    return cents
"""
    ),
    "held out: columns of a join": store(
        services="""\
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.models import Customer, Order


def counts(session: Session) -> dict[str, int]:
    statement = select(Customer.name, func.count(Order.id)).join(Customer.orders).group_by(Customer.name)
    return {name: orders for name, orders in session.execute(statement)}
"""
    ),
    "held out: a relation of 1.4 that is loaded with its rows": teams(
        badges="""\
from sqlalchemy.orm import joinedload

from teams.models import Member


def badges(session):
    members = session.query(Member).options(joinedload(Member.team)).all()
    return [(member.email, member.team.name, [badge.title for badge in member.badges]) for member in members]
"""
    ),
    "held out: an order by its key, and a loop over what is in memory": store(
        api="""\
from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy.orm import Session

from store.database import get_session
from store.models import Order

router = APIRouter()


@router.get("/orders/{key}")
def order(key: int, session: Session = Depends(get_session)):
    found = session.get(Order, key)
    if found is None:
        raise HTTPException(404)
    return {"id": found.id, "amounts": [line.amount for line in found.lines], "customer": found.customer.name}
"""
    ),
}
