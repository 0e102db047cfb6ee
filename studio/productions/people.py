"""Who works on a production: invitations and members."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _

from studio.accounts.models import User
from studio.core.errors import Conflict, Forbidden, Invalid, NotThere
from studio.ledger.services import record
from studio.productions import policy
from studio.productions.models import Invitation, Membership, Production, Role
from studio.productions.policy import Action

VALID_DAYS = 14


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def invite(
    *,
    actor: Any,
    production: Production,
    email: str,
    role: str,
    link: Callable[[str], str],
    guest_may_note: bool = False,
    guest_may_decide: bool = False,
) -> tuple[Invitation, str]:
    """Invite an address into a role and mail the link after the commit.

    link: makes the address of the page to join from the secret. Gives the invitation and that link, which only its
    receiver and this answer know. An earlier open invitation of the same address is withdrawn.
    Raises Conflict where the person is a member already.
    """
    policy.require(actor, Action.MANAGE, production)
    email = email.strip().lower()
    if role not in Role.values:
        raise Invalid(_("A role is one of: %(roles)s.") % {"roles": ", ".join(Role.values)})
    if production.memberships.filter(user__email=email).exists():
        raise Conflict(_("%(email)s is in the team already. Change the role in the list instead.") % {"email": email})
    now = datetime.now(UTC)
    production.invitations.filter(email=email, accepted_at=None, revoked_at=None).update(revoked_at=now)
    secret = secrets.token_urlsafe(24)
    guest = role == Role.GUEST
    invitation = Invitation.objects.create(
        production=production,
        email=email,
        role=role,
        guest_may_note=guest and guest_may_note,
        guest_may_decide=guest and guest_may_decide,
        token_sha256=_digest(secret),
        invited_by=actor,
        expires_at=now + timedelta(days=VALID_DAYS),
    )
    record(
        "member.invited", production_id=production.pk, subject=invitation, actor=actor, data={"role": role}, code=email
    )
    address = link(secret)
    subject = _("%(who)s invites you to “%(title)s”") % {"who": actor, "title": production.title}
    words = _(
        "%(who)s invites you to work on “%(title)s” as %(role)s.\n\n"
        "Open this link to join (it works once, for %(days)d days):\n%(link)s\n"
    ) % {"who": actor, "title": production.title, "role": Role(role).label, "days": VALID_DAYS, "link": address}
    sender = settings.DEFAULT_FROM_EMAIL
    transaction.on_commit(lambda: send_mail(subject, words, sender, [email], fail_silently=True), robust=True)
    return invitation, address


@transaction.atomic
def revoke_invitation(*, actor: Any, invitation: Invitation) -> None:
    """Make an invitation's link useless."""
    policy.require(actor, Action.MANAGE, invitation.production)
    open_ones = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    if not open_ones.update(revoked_at=datetime.now(UTC)):
        raise Conflict(_("This invitation is no longer open."))
    record(
        "invitation.revoked",
        production_id=invitation.production_id,
        subject=invitation,
        actor=actor,
        code=invitation.email,
    )


def invitation_of(secret: str) -> Invitation:
    """The open invitation behind a link. Raises NotThere, with the reason, for any other."""
    row = Invitation.objects.select_related("production", "invited_by").filter(token_sha256=_digest(secret)).first()
    if row is None:
        raise NotThere(_("This link leads nowhere. Check that it was copied whole, or ask for a new one."))
    if row.accepted_at:
        raise NotThere(_("This invitation was used already. Sign in to go on."))
    if row.revoked_at:
        raise NotThere(_("This invitation was withdrawn. Ask the producer for a new one."))
    if row.expires_at <= datetime.now(UTC):
        raise NotThere(_("This invitation has expired. Ask the producer for a new one."))
    return row


@transaction.atomic
def accept(*, user: User, secret: str) -> Membership:
    """Join as the person who is signed in. Raises Forbidden where the invitation names another address."""
    invitation = invitation_of(secret)
    if user.email != invitation.email:
        raise Forbidden(
            _("This invitation is for %(email)s; you are signed in as %(me)s.")
            % {"email": invitation.email, "me": user.email}
        )
    # Compare-and-set: a link opened twice joins once.
    if not Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(
        accepted_at=datetime.now(UTC)
    ):
        raise Conflict(_("This invitation was used already. Sign in to go on."))
    member, _new = Membership.objects.get_or_create(
        production=invitation.production,
        user=user,
        defaults={
            "role": invitation.role,
            "guest_may_note": invitation.guest_may_note,
            "guest_may_decide": invitation.guest_may_decide,
        },
    )
    record(
        "member.joined",
        production_id=invitation.production_id,
        subject=member,
        actor=user,
        data={"role": member.role},
        code=str(user),
    )
    return member


@transaction.atomic
def join_as_new(*, secret: str, name: str, password: str, language: str = "") -> User:
    """Make an account for the invited address and join.

    Raises Conflict where the address has an account (sign in instead).
    """
    invitation = invitation_of(secret)
    if User.objects.filter(email=invitation.email).exists():
        raise Conflict(
            _("%(email)s has an account already. Sign in with it and open the link again.")
            % {"email": invitation.email}
        )
    try:
        validate_password(password, User(email=invitation.email, name=name))
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error
    user = User.objects.create_user(invitation.email, password, name=name.strip(), language=language)
    accept(user=user, secret=secret)
    return user


@transaction.atomic
def change_role(
    *, actor: Any, member: Membership, role: str, guest_may_note: bool = False, guest_may_decide: bool = False
) -> Membership:
    """Give a member another role. Raises Conflict where no producer would be left."""
    policy.require(actor, Action.MANAGE, member.production)
    if role not in Role.values:
        raise Invalid(_("A role is one of: %(roles)s.") % {"roles": ", ".join(Role.values)})
    if role != Role.PRODUCER:
        _keep_a_producer(member)
    was = member.role
    member.role = role
    member.guest_may_note = role == Role.GUEST and guest_may_note
    member.guest_may_decide = role == Role.GUEST and guest_may_decide
    member.save(update_fields=["role", "guest_may_note", "guest_may_decide"])
    data = {"from": was, "to": role, "may_note": member.guest_may_note, "may_decide": member.guest_may_decide}
    record(
        "member.role", production_id=member.production_id, subject=member, actor=actor, data=data, code=str(member.user)
    )
    return member


@transaction.atomic
def remove_member(*, actor: Any, member: Membership) -> None:
    """Take a person off the production; anyone may leave by themselves. Raises Conflict for the last producer."""
    if member.user_id != actor.pk:
        policy.require(actor, Action.MANAGE, member.production)
    _keep_a_producer(member)
    record("member.left", production_id=member.production_id, subject=member, actor=actor, code=str(member.user))
    member.delete()


def _keep_a_producer(member: Membership) -> None:
    """Under the production's lock: somebody else must be producer."""
    Production.objects.select_for_update().get(pk=member.production_id)
    others = Membership.objects.filter(production=member.production_id, role=Role.PRODUCER).exclude(pk=member.pk)
    if Membership.objects.filter(pk=member.pk, role=Role.PRODUCER).exists() and not others.exists():
        raise Conflict(_("A production needs a producer. Make somebody else producer first."))
