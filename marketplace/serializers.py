"""Shapes of the marketplace in the API."""

from typing import Any

from rest_framework import serializers

from marketplace.catalogue import Module
from marketplace.models import AuditEntry, User
from marketplace.selectors import addresses_of
from marketplace.wording import state_words, subject_words


class MeSerializer(serializers.ModelSerializer[User]):
    """Whoever asks; `time_zone` is the one in force, `addresses` all by which they are known."""

    tenant = serializers.CharField(source="tenant.name", read_only=True)
    time_zone = serializers.CharField(source="zone.key", read_only=True)
    addresses = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = (
            "id",
            "name",
            "email",
            "role",
            "tenant",
            "language",
            "time_zone",
            "clock",
            "first_weekday",
            "theme",
            "can_see_colleagues",
            "addresses",
        )
        read_only_fields = fields

    def get_addresses(self, user: User) -> list[str]:
        """In lower case, the one of the login first."""
        return addresses_of(user)


class OptionSerializer(serializers.Serializer[Any]):
    """A switch of a module and what it costs; of an OptionState."""

    key = serializers.CharField(source="option.key")
    name = serializers.CharField(source="option.label")
    explanation = serializers.CharField(source="option.explanation")
    monthly_cents = serializers.IntegerField(source="option.monthly_cents")
    on = serializers.BooleanField()


class ModuleSerializer(serializers.Serializer[Any]):
    """An entry of the catalogue as the tenant has it; of a ModuleState."""

    key = serializers.CharField(source="module.key")
    name = serializers.CharField(source="module.name")
    category = serializers.CharField(source="module.category")
    summary = serializers.CharField(source="module.summary")
    state = serializers.ChoiceField(
        choices=[(code, state_words(code)) for code in ("absent", "installed", "active")]
    )
    options = OptionSerializer(many=True)


class OptionChoicesSerializer(serializers.Serializer[Any]):
    """Options by key; `accepted_cents` is the monthly sum the caller says yes to, for paid ones."""

    options = serializers.DictField(child=serializers.BooleanField(), allow_empty=False)
    accepted_cents = serializers.IntegerField(min_value=0, default=0)

    def validate_options(self, choices: dict[str, bool]) -> dict[str, bool]:
        """Refuse keys the module does not have."""
        module: Module = self.context["module"]
        unknown = choices.keys() - {option.key for option in module.options}
        if unknown:
            raise serializers.ValidationError(dict.fromkeys(sorted(unknown), "unknown_option"))
        return choices


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    """One line of the audit log; the codes, and the words for what has them."""

    subject_name = serializers.SerializerMethodField()

    class Meta:
        model = AuditEntry
        fields = ("id", "at", "actor_name", "action", "module", "subject", "subject_name", "before", "after")
        read_only_fields = fields

    def get_subject_name(self, entry: AuditEntry) -> str:
        """The subject in the language of whoever asks."""
        return str(subject_words(entry.subject))
