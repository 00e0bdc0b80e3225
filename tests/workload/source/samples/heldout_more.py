"""A second round of programs held out: of tools around the frameworks, and of less usual ways."""

from __future__ import annotations

from tests.workload.source.samples.heldout_django import clinic
from tests.workload.source.samples.heldout_sqlalchemy import store, teams

POSITIVE: dict[str, dict[str, str]] = {
    "held out, second round: choices of a form": clinic(
        forms="""\
from django import forms

from clinic.models import Room


class RoomForm(forms.Form):
    room = forms.ChoiceField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        rooms = Room.objects.order_by("number")
        self.fields["room"].choices = [(room.pk, f"{room.department.name} {room.number}") for room in rooms]  # asks
"""
    ),
    "held out, second round: a serializer's own representation": clinic(
        api="""\
from rest_framework import serializers, viewsets

from clinic.models import Appointment


class AppointmentSerializer(serializers.ModelSerializer):  # asks
    class Meta:
        model = Appointment
        fields = ["id", "starts"]

    def to_representation(self, instance):
        data = super().to_representation(instance)
        data["room"] = instance.room.number if instance.room_id else None
        return data


class AppointmentViewSet(viewsets.ModelViewSet):
    queryset = Appointment.objects.all()
    serializer_class = AppointmentSerializer
"""
    ),
    "held out, second round: a generator, and who goes through it": clinic(
        services="""\
from clinic.models import Appointment


def booked(day):
    for appointment in Appointment.objects.filter(starts__date=day, state="booked"):
        if not appointment.reminded:
            yield appointment


def names(day):
    return sorted({appointment.patient.name for appointment in booked(day)})  # asks
"""
    ),
    "held out, second round: a view of its own class": clinic(
        views="""\
from django.http import JsonResponse
from django.views import View

from clinic.models import Doctor


class Doctors(View):
    def get_doctors(self):
        return Doctor.objects.select_related("user")

    def describe(self, doctor):
        return {"email": doctor.user.email, "department": doctor.department.name}

    def get(self, request):
        return JsonResponse({"doctors": [self.describe(doctor) for doctor in self.get_doctors()]})  # asks
"""
    ),
    "held out, second round: a sum over rows": clinic(
        reports="""\
from clinic.models import Department, Patient


def load():
    return {
        department.name: sum(doctor.patients.count() for doctor in department.doctor_set.all())  # asks
        for department in Department.objects.prefetch_related("doctor_set")
    }
"""
    ),
    "held out, second round: sorted by what each leads to": clinic(
        reports="""\
from clinic.models import Appointment


def by_department():
    appointments = Appointment.objects.filter(state="done").select_related("doctor")
    return sorted(appointments, key=lambda appointment: appointment.doctor.department.name)  # asks
"""
    ),
    "held out, second round: keys first, rows one by one": clinic(
        services="""\
from clinic.models import Patient


def letters():
    keys = Patient.objects.active().values_list("pk", flat=True)
    texts = []
    for key in keys:
        patient = Patient.objects.get(pk=key)  # asks
        texts.append(f"Dear {patient.name}")
    return texts
"""
    ),
    "held out, second round: an included template": clinic(
        views="""\
from django.shortcuts import render

from clinic.models import Appointment


def today(request):
    appointments = Appointment.objects.select_related("patient")
    return render(request, "clinic/today.html", {"appointments": appointments})
""",
        templates__clinic__today_html="""\
{% for appointment in appointments %}
  {% include "clinic/one.html" %} {# asks #}
{% endfor %}
""",
        templates__clinic__one_html="""\
<p>{{ appointment.patient.name }}, {{ appointment.room.department.name }}</p>
""",
    ),
    "held out, second round: asked by the object's own session": store(
        reports="""\
from sqlalchemy import func, select
from sqlalchemy.orm import Session, object_session

from store.models import Customer, Order


def volume(customer: Customer) -> int:
    session = object_session(customer)
    return session.scalar(select(func.count(Order.id)).where(Order.customer_id == customer.id))


def report(session: Session) -> list[tuple[str, int]]:
    customers = session.scalars(select(Customer)).unique().all()
    return [(customer.name, volume(customer)) for customer in customers]  # asks
"""
    ),
    "held out, second round: tuples of rows": store(
        reports="""\
from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import Line, Order


def invoice(session: Session) -> list[str]:
    statement = select(Order, Line).join(Line, Line.order_id == Order.id)
    texts = []
    for order, line in session.execute(statement):
        texts.append(f"{order.id}: {line.product.title}")  # asks
    return texts
"""
    ),
    "held out, second round: awaited one after the other": store(
        service="""\
import asyncio

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store.models import Line, Order


class Orders:
    def __init__(self, session: AsyncSession):
        self.session = session

    async def lines(self, order_id: int) -> list[Line]:
        return (await self.session.scalars(select(Line).where(Line.order_id == order_id))).all()

    async def all(self) -> dict[int, int]:
        ids = (await self.session.scalars(select(Order.id))).all()
        return {order_id: len(await self.lines(order_id)) for order_id in ids}  # asks
"""
    ),
    "held out, second round: filter_by of 1.4": teams(
        views="""\
from teams.models import Member, Team


def sizes(session):
    out = []
    for team in session.query(Team).all():
        out.append((team.name, session.query(Member).filter_by(team_id=team.id).count()))  # asks
    return out
"""
    ),
}

NEGATIVE: dict[str, dict[str, str]] = {
    "held out, second round: choices that are joined": clinic(
        forms="""\
from django import forms

from clinic.models import Room


class RoomForm(forms.Form):
    room = forms.ModelChoiceField(queryset=Room.objects.select_related("department"))

    def labels(self):
        return [f"{room.department.name} {room.number}" for room in self.fields["room"].queryset]
"""
    ),
    "held out, second round: a representation whose view joins": clinic(
        api="""\
from rest_framework import serializers, viewsets

from clinic.models import Appointment


class AppointmentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Appointment
        fields = ["id", "starts"]

    def to_representation(self, instance):
        data = super().to_representation(instance)
        data["room"] = instance.room.number if instance.room_id else None
        return data


class AppointmentViewSet(viewsets.ModelViewSet):
    queryset = Appointment.objects.select_related("room")
    serializer_class = AppointmentSerializer
"""
    ),
    "held out, second round: one row's rows": clinic(
        views="""\
from django.shortcuts import get_object_or_404, render

from clinic.models import Patient


def patient(request, pk):
    found = get_object_or_404(Patient.objects.select_related("gp__user"), pk=pk)
    visits = found.appointments.select_related("doctor__user").order_by("-starts")
    context = {
        "patient": found,
        "gp": found.gp.user.email if found.gp else "",
        "visits": [(visit.starts, visit.doctor.user.email) for visit in visits],
    }
    return render(request, "clinic/patient.html", context)
"""
    ),
    "held out, second round: rows loaded later at once": clinic(
        services="""\
from django.db.models import prefetch_related_objects

from clinic.models import Patient


def texts(keys):
    patients = list(Patient.objects.filter(pk__in=keys))
    prefetch_related_objects(patients, "appointments", "gp__user")
    return [f"{patient.name} {len(patient.appointments.all())} {patient.gp.user.email}" for patient in patients]
"""
    ),
    "held out, second round: a map of lists": clinic(
        services="""\
from collections import defaultdict

from clinic.models import Appointment, Patient


def visits():
    grouped = defaultdict(list)
    for appointment in Appointment.objects.order_by("starts"):
        grouped[appointment.patient_id].append(appointment)
    return [(patient.name, len(grouped[patient.pk])) for patient in Patient.objects.all()]
"""
    ),
    "held out, second round: a row a message": clinic(
        consumer="""\
import json

from clinic.models import Appointment


def run(consumer):
    for message in consumer:
        body = json.loads(message.value)
        appointment = Appointment.objects.select_related("patient").get(pk=body["appointment"])
        print(appointment.patient.name)
        consumer.commit()
"""
    ),
    "held out, second round: a cached property of one object": clinic(
        services="""\
from functools import cached_property

from clinic.models import Department, Doctor


class Hospital:
    @cached_property
    def heads(self):
        return {each.pk: each for each in Department.objects.select_related("head__user")}

    def emails(self):
        return [(doctor.pk, self.heads[doctor.department_id].name) for doctor in Doctor.objects.all()]
"""
    ),
    "held out, second round: options given in parts": store(
        reports="""\
from sqlalchemy import select
from sqlalchemy.orm import Load, Session, joinedload

from store.models import Line, Order


def invoice(session: Session, details: bool) -> list[str]:
    options = [joinedload(Order.customer)]
    options.append(joinedload(Order.lines).joinedload(Line.product))
    orders = session.scalars(select(Order).options(*options)).unique()
    return [f"{order.customer.name} {[line.product.title for line in order.lines]}" for order in orders]
"""
    ),
    "held out, second round: retries": store(
        service="""\
import time

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from store.models import Order


def load(session: Session, key: int) -> Order:
    for attempt in range(8):
        try:
            return session.scalars(select(Order).where(Order.id == key)).one()
        except OperationalError:
            session.rollback()
            time.sleep(2**attempt)
    raise LookupError(key)
"""
    ),
    "held out, second round: written for each": teams(
        sync="""\
from teams.models import Member, Team


def sync(session, emails):
    team = session.query(Team).filter_by(name="staff").one()
    known = {email for (email,) in session.query(Member.email).filter(Member.email.in_(emails))}
    for email in emails:
        if email not in known:
            session.add(Member(email=email, team=team))
    session.flush()
"""
    ),
}
