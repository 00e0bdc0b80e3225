"""The views of the example that docs/nplusone.md looks at."""

from django.shortcuts import render
from shop.models import Customer, Order


def orders(request):
    return render(request, "shop/orders.html", {"orders": Order.objects.order_by("-placed_at")[:50]})


def totals(request):
    found = Order.objects.select_related("customer")
    return {order.pk: order.total() for order in found}


def customers(request):
    counts = []
    for customer in Customer.objects.all():
        counts.append((customer.name, customer.orders.count()))
    return counts


def loaded(request):
    found = Order.objects.select_related("customer").prefetch_related("lines")
    return [(order.customer.name, order.total()) for order in found]
