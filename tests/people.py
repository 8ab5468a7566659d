"""The three people of every permission test: Alice owns, Bob is a colleague, Charlie is of another tenant."""

from marketplace.models import Tenant, User
from marketplace.tenancy import every_tenant


def make_tenant(slug: str = "linden") -> Tenant:
    """A tenant in Amsterdam."""
    return Tenant.objects.create(name=f"{slug.title()} Recruitment", slug=slug)


def make_user(tenant: Tenant, name: str, role: str = User.Role.RECRUITER) -> User:
    """A person of `tenant` whose password is the lower-case first name."""
    email = f"{name.lower()}@{tenant.slug}.example"
    with every_tenant():
        return User.objects.create_user(
            email=email, password=name.lower(), name=name, tenant=tenant, role=role
        )
