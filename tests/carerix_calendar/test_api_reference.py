"""The reference page of the API: everything the schema has, for people who are logged in."""

from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from carerix_calendar.api_reference import resources, shapes
from marketplace.models import User
from tests.conftest import signed_in


def test_reference_shows_every_operation_and_every_shape_of_the_schema(alice: User):
    schema = SchemaGenerator().get_schema(public=True)

    text = signed_in(alice).get("/api/docs/").content.decode()

    for path, methods in schema["paths"].items():
        assert text.count(f"<code>{path}</code></h3>") == len(methods)
    for name in schema["components"]["schemas"]:
        assert text.count(f'id="shape-{name}"') == 1


def test_every_link_of_the_reference_leads_to_a_shape():
    schema = SchemaGenerator().get_schema(public=True)
    named = {shape.name for shape in shapes(schema)}

    linked = {field.type.shape for shape in shapes(schema) for field in shape.fields}
    for operations in resources(schema).values():
        for operation in operations:
            linked |= {each.shape for _code, each in operation.answers if each}
            linked |= {operation.body.shape} if operation.body else set()

    assert linked - {""} <= named


def test_enumerations_list_their_values_once():
    schema = SchemaGenerator().get_schema(public=True)

    kinds = next(shape for shape in shapes(schema) if shape.name == "ActivityKindEnum")

    assert kinds.values == ("appointment", "task", "call", "note")


def test_reference_is_not_for_strangers(db: None, client: Client):
    answer = client.get("/api/docs/")

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/")
