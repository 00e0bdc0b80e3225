"""Django, by someone who had seen neither the judge nor its samples: a clinic."""

from __future__ import annotations

MODELS = """\
from django.conf import settings
from django.db import models


class Department(models.Model):
    name = models.CharField(max_length=80)
    head = models.ForeignKey("Doctor", null=True, on_delete=models.SET_NULL, related_name="+")


class Doctor(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    department = models.ForeignKey(Department, on_delete=models.PROTECT)


class PatientQuerySet(models.QuerySet):
    def active(self):
        return self.filter(left__isnull=True)


class Patient(models.Model):
    name = models.CharField(max_length=200)
    left = models.DateField(null=True)
    gp = models.ForeignKey(Doctor, null=True, on_delete=models.SET_NULL, related_name="patients")

    objects = PatientQuerySet.as_manager()

    @property
    def last_visit(self):
        return self.appointments.order_by("-starts").first()


class Room(models.Model):
    number = models.IntegerField()
    department = models.ForeignKey(Department, on_delete=models.CASCADE)


class Appointment(models.Model):
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="appointments")
    doctor = models.ForeignKey(Doctor, on_delete=models.CASCADE)
    room = models.ForeignKey(Room, null=True, on_delete=models.SET_NULL)
    starts = models.DateTimeField()
    state = models.CharField(max_length=10)
    reminded = models.BooleanField(default=False)

    def as_row(self):
        return [self.starts.isoformat(), self.patient.name, self.state]


class Drug(models.Model):
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=200)


class Prescription(models.Model):
    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="prescriptions")
    drugs = models.ManyToManyField(Drug)
"""


def clinic(**files: str) -> dict[str, str]:
    """Return a project with the models; ``__`` in a name is a folder, ``_html`` at its end a template's suffix."""
    named = {
        f"clinic/{name.replace('__', '/').removesuffix('_html')}{'.html' if name.endswith('_html') else '.py'}": text
        for name, text in files.items()
    }
    return {"manage.py": "", "clinic/__init__.py": "", "clinic/models.py": MODELS, **named}


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
