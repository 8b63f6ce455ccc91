"""What the facts mean: which kinds of recommendation work, and the cure for each that does not."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommender.conf import settings
from recommender.services.diagnosing.facts import Facts

_OLD_DAYS = 30

_TRAIN = "manage.py recommender_train"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        ok: whether it is as it should be.
        text: what was found.
        cure: what to do about it; empty when ok.
        fatal: whether its strategy cannot work without it.
    """

    ok: bool
    text: str
    cure: str = ""
    fatal: bool = True


@dataclass(frozen=True)
class Strategy:
    """One kind of recommendation: "visual", "collaborative", "attributes", "trend" or "hybrid"."""

    name: str
    findings: tuple[Finding, ...]

    @property
    def title(self) -> str:
        """Its name for people."""
        titles = {
            "visual": _("Looks"),
            "collaborative": _("Behaviour"),
            "attributes": _("Attributes"),
            "trend": _("Trend"),
            "hybrid": _("All together"),
        }
        return titles[self.name]

    @property
    def works(self) -> bool:
        """Whether nothing that it cannot do without is missing."""
        return all(finding.ok or not finding.fatal for finding in self.findings)


@dataclass(frozen=True)
class Diagnosis:
    """The facts, each strategy, and what concerns all of them."""

    facts: Facts
    strategies: tuple[Strategy, ...]
    general: tuple[Finding, ...]

    @property
    def troubles(self) -> tuple[Finding, ...]:
        """What concerns all of them and is not as it should be."""
        return tuple(finding for finding in self.general if not finding.ok)

    @property
    def shelves_work(self) -> bool:
        """Whether shelves show more than the newest products: some strategy works, and there is something to show."""
        return self.facts.available > 0 and any(strategy.works for strategy in self.strategies)


def diagnose(facts: Facts) -> Diagnosis:
    """Judge the facts."""
    singles = (_visual(facts), _collaborative(facts), _attributes(facts), _trend(facts))
    return Diagnosis(facts, (*singles, _hybrid(facts, singles)), tuple(_general(facts)))


def _visual(facts: Facts) -> Strategy:
    waiting, failed = facts.pictures["pending"], facts.pictures["failed"]
    findings = [
        Finding(
            not facts.encoder_lacks,
            _("Encoder %(version)s is ready") % {"version": facts.encoder}
            if not facts.encoder_lacks
            else _("Encoder %(version)s cannot run here") % {"version": facts.encoder},
            " ".join(facts.encoder_lacks),
            fatal=facts.with_vector == 0,
        ),
        Finding(
            facts.with_vector > 0,
            _("%(n)s of %(total)s products have an embedded picture")
            % {"n": f"{facts.with_vector:,}", "total": f"{facts.products:,}"},
            "" if facts.with_vector else "manage.py recommender_embed",
        ),
    ]
    if facts.encoder_named != facts.encoder:
        text = _("The setting ENCODER names %(named)s, and %(live)s is live")
        cure = "manage.py recommender_encoder prepare && manage.py recommender_encoder switch"
        named = {"named": facts.encoder_named, "live": facts.encoder}
        findings.append(Finding(False, text % named, cure, fatal=False))
    if waiting or facts.overdue:
        text = _("Pictures that wait: %(n)s; products overdue: %(late)s") % {
            "n": f"{waiting:,}",
            "late": f"{facts.overdue:,}",
        }
        findings.append(Finding(not facts.overdue, text, "manage.py recommender_embed", fatal=False))
    if failed:
        text = ngettext("%(n)s picture failed", "%(n)s pictures failed", failed) % {"n": f"{failed:,}"}
        cure = _("The admin shows why, under Image embeddings; then: manage.py recommender_embed --failed")
        findings.append(Finding(False, text, cure, fatal=False))
    return Strategy("visual", tuple(findings))


def _collaborative(facts: Facts) -> Strategy:
    learned = facts.snapshot is not None and bool(facts.snapshot.config.get("artefact"))
    return Strategy(
        "collaborative",
        (
            Finding(
                not facts.model_lacks,
                _("The engine is ready") if not facts.model_lacks else _("The engine cannot fit here"),
                " ".join(facts.model_lacks),
                fatal=not learned,
            ),
            _events(facts),
            *_orders(facts),
            _in_snapshot(learned, _("Behaviour is in the snapshot"), _("Behaviour is not in the snapshot yet")),
        ),
    )


def _attributes(facts: Facts) -> Strategy:
    named = facts.snapshot is not None and bool(facts.snapshot.config.get("attribute_names"))
    return Strategy(
        "attributes",
        (
            Finding(
                facts.has_attributes,
                _("The shop names its products' attributes")
                if facts.has_attributes
                else _("The shop does not name attributes"),
                "" if facts.has_attributes else _("Override attributes() in your ProductSource."),
            ),
            _in_snapshot(
                named, _("Attributes are in the active snapshot"), _("Attributes are not in the snapshot yet")
            ),
        ),
    )


def _trend(facts: Facts) -> Strategy:
    known = facts.snapshot is not None and "trend" in facts.snapshot.files
    return Strategy(
        "trend",
        (
            _events(facts),
            _in_snapshot(known, _("Trends are in the snapshot"), _("Trends are not in the snapshot yet")),
        ),
    )


def _hybrid(facts: Facts, singles: tuple[Strategy, ...]) -> Strategy:
    working = [strategy.name for strategy in singles if strategy.works]
    findings = [
        Finding(
            bool(working),
            _("Signals that work: %(names)s") % {"names": ", ".join(working)} if working else _("No signal works yet"),
            "" if working else _("See above."),
        )
    ]
    snapshot, age = facts.snapshot, facts.snapshot_age_days
    if snapshot is None or age is None:
        findings.append(Finding(False, _("No snapshot is active"), _TRAIN))
        return Strategy("hybrid", tuple(findings))
    findings.append(
        Finding(
            not facts.snapshot_error,
            _("Snapshot %(id)s with %(n)s products is active") % {"id": snapshot.pk, "n": f"{snapshot.n_products:,}"}
            if not facts.snapshot_error
            else _("Snapshot %(id)s cannot be served") % {"id": snapshot.pk},
            facts.snapshot_error,
        )
    )
    fresh = age <= _OLD_DAYS
    text = ngettext("It is %(n)s day old", "It is %(n)s days old", int(age)) % {"n": int(age)}
    findings.append(Finding(fresh, text, "" if fresh else _TRAIN, fatal=False))
    same = snapshot.encoder_version == facts.encoder
    findings.append(
        Finding(
            same,
            _("It was made with the encoder in use")
            if same
            else _("It was made with encoder %(old)s, now %(new)s is in use")
            % {"old": snapshot.encoder_version, "new": facts.encoder},
            "" if same else f"manage.py recommender_embed && {_TRAIN}",
            fatal=False,
        )
    )
    return Strategy("hybrid", tuple(findings))


def _events(facts: Facts) -> Finding:
    text = _("%(n)s events of %(visitors)s visitors") % {"n": f"{facts.events:,}", "visitors": f"{facts.visitors:,}"}
    cure = "" if facts.events else _("manage.py recommender_backfill, or recommender_import; or wait for visitors")
    return Finding(facts.events > 0, text, cure)


def _orders(facts: Facts) -> list[Finding]:
    if facts.orders_missing is None:
        return []
    if not facts.orders_missing:
        return [Finding(True, _("All order lines are known"), fatal=False)]
    text = ngettext(
        "%(n)s order line is not known yet", "%(n)s order lines are not known yet", facts.orders_missing
    ) % {"n": f"{facts.orders_missing:,}"}
    return [Finding(False, text, "manage.py recommender_backfill", fatal=False)]


def _in_snapshot(there: bool, yes: str, no: str) -> Finding:
    return Finding(there, yes if there else no, "" if there else _TRAIN)


def _index(facts: Facts) -> list[Finding]:
    """Which vector index answers, by which rule, and why not the one that was chosen."""
    live = facts.index
    if live is None or facts.snapshot is None:
        return []
    text = _("Vectors are searched by %(index)s") % {"index": live.backend.rsplit(".")[-1]}
    n = {"n": f"{facts.snapshot.n_products:,}", "limit": f"{settings.EXACT_LIMIT:,}"}
    reasons = {
        "named": _("named by the setting INDEX"),
        "few": _("%(n)s products, up to %(limit)s are searched exactly") % n,
        "many": _("%(n)s products, more than %(limit)s") % n,
        "lacking": _("%(n)s products, more than %(limit)s, but USearch is missing") % n,
    }
    findings = [Finding(True, f"{text}: {reasons[live.reason]}" if live.reason in reasons else text)]
    if live.trouble:
        text = _("The vector index that was chosen cannot be used; exact search answers, and is slower")
        cure = live.trouble if _TRAIN in live.trouble else f"{live.trouble} {_TRAIN}"
        findings.append(Finding(False, text, cure, fatal=False))
    if live.reason == "lacking":
        text = _("More products than exact search is quick for")
        findings.append(Finding(False, text, "pip install 'django-visual-recommender[index]'", fatal=False))
    return findings


def _general(facts: Facts) -> list[Finding]:
    products = _("%(n)s products, %(available)s of them available") % {
        "n": f"{facts.products:,}",
        "available": f"{facts.available:,}",
    }
    cure = "" if facts.available else _("Add products with stock, or: manage.py recommender_import")
    findings = [Finding(facts.available > 0, products, cure), *_index(facts)]
    if facts.tasks == "inline":
        findings.append(Finding(True, _("Tasks run inline: pictures are embedded when they are saved")))
    elif facts.broker is not None:
        findings.append(
            Finding(
                facts.broker,
                _("The broker answers") if facts.broker else _("The broker does not answer"),
                "" if facts.broker else _("Start it, and look at CELERY_BROKER_URL."),
            )
        )
    if facts.workers is not None:
        text = ngettext("%(n)s worker answers", "%(n)s workers answer", facts.workers) % {"n": facts.workers}
        start = "celery -A <project> worker -B -Q vision,training,default"
        findings.append(Finding(facts.workers > 0, text, "" if facts.workers else start))
    if not facts.cache:
        cure = _("Start it, and look at CACHES. Until then each process keeps limits of its own.")
        findings.append(Finding(False, _("The cache does not answer"), cure, fatal=False))
    cures = {
        "upsert": _("recommender_import cannot load products: override upsert()."),
        "purchases": _("recommender_backfill cannot read orders: override purchases()."),
        "import_history": _("Imported purchases become events, but no orders of the shop: override import_history()."),
    }
    findings += [
        Finding(False, _("The product source has no %(name)s()") % {"name": name}, cures[name], fatal=False)
        for name in facts.optional_missing
    ]
    return findings
