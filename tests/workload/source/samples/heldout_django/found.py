"""Django, by someone who had seen neither the judge nor its samples: a clinic: what asks in a loop."""

from __future__ import annotations

from tests.workload.source.samples.heldout_django.models import clinic

POSITIVE: dict[str, dict[str, str]] = {
    "held out: an export with an iterator": clinic(
        exports="""\
import csv

from clinic.models import Appointment


def export(day, stream):
    writer = csv.writer(stream)
    writer.writerow(["patient", "doctor", "starts"])
    appointments = Appointment.objects.filter(starts__date=day).select_related("patient").order_by("starts")
    for appointment in appointments.iterator(chunk_size=500):
        doctor = appointment.doctor.user.get_full_name()  # asks
        writer.writerow([appointment.patient.name, doctor, appointment.starts])
"""
    ),
    "held out: a property that asks, in a comprehension": clinic(
        views="""\
from django.http import JsonResponse

from clinic.models import Patient


def overview(request):
    patients = Patient.objects.active().order_by("name")
    rows = [
        {
            "name": patient.name,
            "last": patient.last_visit,  # asks
        }
        for patient in patients
    ]
    return JsonResponse({"patients": rows})
"""
    ),
    "held out: a list view and its template": clinic(
        views="""\
from django.views.generic import ListView

from clinic.models import Appointment


class AppointmentListView(ListView):
    model = Appointment
    paginate_by = 50

    def get_queryset(self):
        return super().get_queryset().select_related("patient").order_by("-starts")
""",
        templates__clinic__appointment_list_html="""\
{% extends "base.html" %}
{% block content %}
<table>
{% for appointment in object_list %}
  <tr>
    <td>{{ appointment.patient.name }}</td>
    <td>{{ appointment.doctor.department.name }}</td> {# asks #}
    <td>{{ appointment.starts|date:"H:i" }}</td>
  </tr>
{% endfor %}
</table>
{% endblock %}
""",
    ),
    "held out: departments, their doctors and how many": clinic(
        views="""\
from django.shortcuts import render

from clinic.models import Department


def departments(request):
    context = {"title": "Departments"}
    context["departments"] = Department.objects.order_by("name")
    return render(request, "clinic/departments.html", context)
""",
        templates__clinic__departments_html="""\
{% for department in departments %}
  <h2>{{ department.name }} ({{ department.doctor_set.count }})</h2> {# asks #}
  {% with doctors=department.doctor_set.all %}
  <ul>
    {% for doctor in doctors %} {# asks #}
    <li>{{ doctor.pk }}</li>
    {% endfor %}
  </ul>
  {% endwith %}
{% endfor %}
""",
    ),
    "held out: a method field that counts": clinic(
        api="""\
from rest_framework import serializers, viewsets

from clinic.models import Patient


class PatientSerializer(serializers.ModelSerializer):
    visits = serializers.SerializerMethodField()  # asks

    class Meta:
        model = Patient
        fields = ["id", "name", "visits"]

    def get_visits(self, patient):
        return patient.appointments.filter(state="done").count()


class PatientViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Patient.objects.active().order_by("name")
    serializer_class = PatientSerializer
"""
    ),
    "held out: a nested serializer and a source of two steps": clinic(
        serializers="""\
from rest_framework import serializers

from clinic.models import Appointment, Patient


class PatientBrief(serializers.ModelSerializer):
    class Meta:
        model = Patient
        fields = ("id", "name")


class AppointmentSerializer(serializers.ModelSerializer):
    patient = PatientBrief(read_only=True)
    doctor_email = serializers.EmailField(source="doctor.user.email", read_only=True)  # asks

    class Meta:
        model = Appointment
        fields = ("id", "starts", "patient", "doctor_email")
""",
        api="""\
from rest_framework.generics import ListAPIView

from clinic.models import Appointment
from clinic.serializers import AppointmentSerializer


class Upcoming(ListAPIView):
    serializer_class = AppointmentSerializer

    def get_queryset(self):
        return Appointment.objects.filter(state="booked").select_related("patient")
""",
    ),
    "held out: a column of an admin": clinic(
        admin="""\
from django.contrib import admin

from clinic.models import Room


@admin.register(Room)
class RoomAdmin(admin.ModelAdmin):
    list_display = ["number", "department_name"]  # asks
    search_fields = ["number"]

    @admin.display(description="department")
    def department_name(self, room):
        return room.department.name
"""
    ),
    "held out: a task that reminds": clinic(
        tasks="""\
from celery import shared_task
from django.core.mail import send_mail
from django.utils import timezone

from clinic.models import Appointment, Patient


@shared_task
def remind_all():
    now = timezone.now()
    for patient in Patient.objects.active():
        following = Appointment.objects.filter(patient=patient, starts__gt=now).order_by("starts").first()  # asks
        if following is None:
            continue
        send_mail("Your visit", f"{following.starts:%d %B}", None, [patient.name])
"""
    ),
    "held out: who may see each": clinic(
        permissions="""\
def may_see(user, patient):
    if user.is_superuser:
        return True
    return patient.appointments.filter(doctor__user=user).exists()
""",
        views="""\
from django.shortcuts import render

from clinic.models import Patient
from clinic.permissions import may_see


def patients(request):
    shown = [patient for patient in Patient.objects.all() if may_see(request.user, patient)]  # asks
    return render(request, "clinic/patients.html", {"names": [patient.name for patient in shown]})
""",
    ),
    "held out: an import with a lookup for each line": clinic(
        management__commands__import_drugs="""\
import csv

from django.core.management.base import BaseCommand

from clinic.models import Drug


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("path")

    def handle(self, *args, **options):
        created = 0
        with open(options["path"], newline="") as stream:
            for row in csv.DictReader(stream):
                drug = Drug.objects.filter(code=row["code"]).first()  # asks
                if drug is None:
                    Drug.objects.create(code=row["code"], name=row["name"])
                    created += 1
        self.stdout.write(f"{created} drugs")
"""
    ),
    "held out: what was prefetched is filtered again": clinic(
        services="""\
from clinic.models import Patient


def statistics():
    patients = Patient.objects.prefetch_related("appointments")
    return {
        patient.pk: patient.appointments.filter(state="missed").count()  # asks
        for patient in patients
    }
"""
    ),
    "held out: an asynchronous view": clinic(
        views="""\
from django.http import JsonResponse

from clinic.models import Appointment, Patient


async def today(request):
    rows = []
    async for appointment in Appointment.objects.filter(state="booked"):
        patient = await Patient.objects.aget(pk=appointment.patient_id)  # asks
        rows.append({"id": appointment.pk, "patient": patient.name})
    return JsonResponse({"rows": rows})
"""
    ),
    "held out: a method of the model, and a page of a paginator": clinic(
        views="""\
from django.core.paginator import Paginator
from django.http import JsonResponse

from clinic.models import Appointment


def history(request):
    paginator = Paginator(Appointment.objects.order_by("-starts"), 40)
    page = paginator.get_page(request.GET.get("page"))
    return JsonResponse({
        "pages": paginator.num_pages,
        "rows": [appointment.as_row() for appointment in page],  # asks
    })
"""
    ),
}
