"""The models of the example that docs/nplusone.md looks at."""

from django.db import models


class Customer(models.Model):
    name = models.TextField()


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")
    placed_at = models.DateTimeField()

    def total(self):
        return sum(line.cents for line in self.lines.all())


class Line(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    cents = models.IntegerField()
