"""The accounting equations of docs/operations.md over the text of /metrics."""

import re

# What ends a message for a device; with what waits they make up what was accepted.
DEVICE_ENDS = (
    "delivered expired cancelled refused dropped_queue_full dropped_packet_too_large "
    "dropped_device_offline dropped_not_subscribed dropped_device_deleted unreadable"
).split()


def read_metrics(text):
    """Name, with its labels, to value."""
    lines = re.findall(r"^([^#\s]\S*) (\S+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in lines}


def message_imbalance(metrics):
    """Messages of sessions that were accepted and are nowhere; 0 unless one was lost or counted twice."""
    dropped = sum(
        value
        for name, value in metrics.items()
        if name.startswith("holdfast_messages_dropped_total{")
    )
    settled = dropped + metrics["holdfast_messages_delivered_total"]
    settled += metrics["holdfast_messages_moved_total"]
    waiting = metrics["holdfast_queued_messages"] + metrics["holdfast_inflight_messages"]
    return metrics["holdfast_messages_accepted_total"] - settled - waiting


def device_message_imbalance(metrics):
    """The same for messages for devices."""

    def count(name):
        return metrics[f"holdfast_device_messages_{name}_total"]

    begun = count("accepted") + count("restored")
    waiting = metrics["holdfast_device_messages_waiting"]
    return begun - waiting - sum(count(name) for name in DEVICE_ENDS)
