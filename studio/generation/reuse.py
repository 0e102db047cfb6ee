"""What using something again saves, by the rate card. Pure.

The saving is what the layer would have cost made anew, the way the item was made, less what placing it costs: the same
yardsticks as the forecast's (studio/productions/routing.py).
"""

from typing import Any

from studio.productions.routing import Facts, forecast


def saving(kind: str, made_as: str, facts: Facts) -> dict[str, Any]:
    """{"amount_minor" (None where a rate is missing), "lines": [{"key", "quantity_milli", "amount_minor"}], "missing"}.

    kind: the layer's; made_as: the origin the item was made by (what came from a library saves nothing); facts: the
    shot's, with its production's rates. Lines that placing costs are negative; what both need cancels out.
    """
    anew = forecast(kind, made_as, facts)
    placed = forecast(kind, "library", facts)
    amounts: dict[str, list[int | None]] = {}
    for line in anew.lines:
        amounts[line.key] = [line.quantity_milli, line.amount_minor]
    for line in placed.lines:
        quantity, amount = amounts.get(line.key, [0, 0])
        less = None if amount is None or line.amount_minor is None else amount - line.amount_minor
        amounts[line.key] = [(quantity or 0) - line.quantity_milli, less]
    lines = [
        {"key": key, "quantity_milli": quantity, "amount_minor": amount}
        for key, (quantity, amount) in amounts.items()
        if quantity
    ]
    missing = sorted({str(line["key"]) for line in lines if line["amount_minor"] is None})
    total = None if missing else sum(int(line["amount_minor"] or 0) for line in lines)
    return {"amount_minor": total, "lines": lines, "missing": missing}
