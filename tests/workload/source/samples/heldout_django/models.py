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
