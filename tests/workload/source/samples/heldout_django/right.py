"""Django, by someone who had seen neither the judge nor its samples: a clinic: what looks like it, and is right."""

from __future__ import annotations

from tests.workload.source.samples.heldout_django.models import clinic

NEGATIVE: dict[str, dict[str, str]] = {
    "held out: an export that joins": clinic(
        exports="""\
import csv

from clinic.models import Appointment


def export(day, stream):
    writer = csv.writer(stream)
    appointments = Appointment.objects.filter(starts__date=day).select_related("patient", "doctor__user")
    for appointment in appointments.iterator(chunk_size=500):
        writer.writerow([appointment.patient.name, appointment.doctor.user.get_full_name(), appointment.room_id])
"""
    ),
    "held out: a prefetch of its own": clinic(
        views="""\
from django.db.models import Prefetch
from django.http import JsonResponse

from clinic.models import Appointment, Patient


def overview(request):
    done = Appointment.objects.filter(state="done").select_related("doctor__user").order_by("-starts")
    patients = Patient.objects.active().prefetch_related(Prefetch("appointments", queryset=done, to_attr="done"))
    rows = []
    for patient in patients:
        latest = patient.done[0] if patient.done else None
        rows.append({"name": patient.name, "by": latest and latest.doctor.user.email, "visits": len(patient.done)})
    return JsonResponse({"patients": rows})
"""
    ),
    "held out: a serializer whose view loads and counts": clinic(
        api="""\
from django.db.models import Count
from rest_framework import serializers, viewsets

from clinic.models import Doctor, Patient


class DoctorSerializer(serializers.ModelSerializer):
    email = serializers.EmailField(source="user.email")

    class Meta:
        model = Doctor
        fields = ["id", "email"]


class PatientSerializer(serializers.ModelSerializer):
    gp = DoctorSerializer(read_only=True)
    visits = serializers.IntegerField(read_only=True)

    class Meta:
        model = Patient
        fields = ["id", "name", "gp", "visits"]


class PatientViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = PatientSerializer

    def get_queryset(self):
        patients = Patient.objects.active().select_related("gp__user")
        return patients.annotate(visits=Count("appointments"))
"""
    ),
    "held out: a template whose view joins": clinic(
        views="""\
from django.views.generic import ListView

from clinic.models import Appointment


class Today(ListView):
    queryset = Appointment.objects.select_related("patient", "doctor__department", "room")
    context_object_name = "appointments"
    template_name = "clinic/today.html"
""",
        templates__clinic__today_html="""\
{% for appointment in appointments %}
  <li>{{ appointment.patient.name }}, {{ appointment.doctor.department.name }}
  {% if appointment.room %}room {{ appointment.room.number }}{% endif %}</li>
{% empty %}
  <li>nobody</li>
{% endfor %}
""",
    ),
    "held out: an admin that joins": clinic(
        admin="""\
from django.contrib import admin

from clinic.models import Room


@admin.register(Room)
class RoomAdmin(admin.ModelAdmin):
    list_display = ("number", "department_name")
    list_select_related = ("department",)

    def department_name(self, room):
        return room.department.name
"""
    ),
    "held out: a task for each": clinic(
        tasks="""\
from celery import shared_task

from clinic.models import Appointment


@shared_task
def remind(pk):
    appointment = Appointment.objects.select_related("patient").get(pk=pk)
    if not appointment.reminded:
        appointment.patient.name.title()
        Appointment.objects.filter(pk=pk).update(reminded=True)


@shared_task
def remind_all(day):
    for pk in Appointment.objects.filter(starts__date=day, reminded=False).values_list("pk", flat=True):
        remind.delay(pk)
"""
    ),
    "held out: a map by keys": clinic(
        services="""\
from clinic.models import Appointment, Doctor


def loads(day):
    appointments = list(Appointment.objects.filter(starts__date=day))
    doctors = Doctor.objects.select_related("user").in_bulk({each.doctor_id for each in appointments})
    return [(each.pk, doctors[each.doctor_id].user.email, each.patient_id) for each in appointments]
"""
    ),
    "held out: states that are written": clinic(
        services="""\
from django.db import transaction

from clinic.models import Appointment


@transaction.atomic
def close(day):
    changed = []
    for appointment in Appointment.objects.filter(starts__date=day, state="booked"):
        appointment.state = "missed"
        changed.append(appointment)
    Appointment.objects.bulk_update(changed, ["state"], batch_size=200)
    for appointment in changed[:3]:
        appointment.save(update_fields=["state"])
"""
    ),
    "held out: keys in batches": clinic(
        services="""\
from clinic.models import Patient


def names(keys):
    found = {}
    for start in range(0, len(keys), 500):
        for patient in Patient.objects.filter(pk__in=keys[start : start + 500]).only("pk", "name"):
            found[patient.pk] = patient.name
    return found
"""
    ),
    "held out: figures in one query": clinic(
        services="""\
from django.db.models import Count

from clinic.models import Appointment


def by_doctor(since):
    rows = Appointment.objects.filter(starts__gte=since).values("doctor__user__email", "state").annotate(n=Count("pk"))
    return {(row["doctor__user__email"], row["state"]): row["n"] for row in rows}
"""
    ),
    "held out: rows that are locked one by one": clinic(
        tasks="""\
from celery import shared_task
from django.db import transaction

from clinic.models import Appointment


@shared_task
def settle(keys):
    for key in sorted(keys):
        with transaction.atomic():
            appointment = Appointment.objects.select_for_update().get(pk=key)
            if appointment.state == "booked":
                appointment.state = "done"
                appointment.save(update_fields=["state"])
"""
    ),
}
