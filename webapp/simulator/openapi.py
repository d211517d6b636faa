"""OpenAPI descriptions of the companies' servers, made from the table of operations."""

from http import HTTPStatus

from webapp.contract.operations import OPERATIONS, Operation
from webapp.simulator.company import Company
from webapp.simulator.fields import TEXT, Schema, row
from webapp.simulator.inputs import AMOUNT, DAY, LOADS
from webapp.simulator.site import Site

_LISTS = frozenset(("latest_readings", "meter_changes"))
_MAY_WAIT = frozenset(("recharge", "recharge_status"))
_SAYS_WHY = frozenset(("start_meter", "stop_meter", "update_load"))
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
_NOT_NOUGHT = r"(?!0+(\.0+)?$)"
_HERE = r"^http://(127\.0\.0\.1|localhost)(:[1-9][0-9]{0,3})?(/[!-~]*)?$"


def description(site: Site) -> dict[str, object]:
    """OpenAPI 3.1 of the server that answers for the site, with the site's own numbers as its inputs."""
    company = site.company
    inputs = {name: {"schema": schema} for name, schema in _inputs(site).items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Meter server of {site.site_id}", "version": "1"},
        "servers": [{"url": f"/{company.prefix}"}],
        "paths": {
            f"/{company.path(operation).removeprefix(f'{company.prefix}/')}": {
                operation.method.lower(): _operation(company, operation)
            }
            for operation in OPERATIONS.values()
        },
        "components": {
            "schemas": {name: one["schema"] for name, one in inputs.items()},
            "securitySchemes": _schemes(company),
        },
        "security": [{name: []} for name in _schemes(company)],
    }


def _schemes(company: Company) -> dict[str, Schema]:
    auth = company.profile.auth
    if auth.kind == "header":
        return {"key": {"type": "apiKey", "in": "header", "name": auth.name}}
    return {"basic": {"type": "http", "scheme": "basic"}} if auth.kind == "basic" else {}


def _inputs(site: Site) -> dict[str, Schema]:
    """By our names; what a site has is listed, so that every other value is one to refuse."""
    day: Schema = {"type": "string", "pattern": f"^{DAY}$", "format": "date"}
    load: Schema = {"type": "string", "pattern": f"^{LOADS[site.company.profile.load_unit]}$"}
    return {
        "site_id": {"type": "string", "enum": [site.site_id]},
        "meter_no": {"type": "string", "enum": list(site.meters)},
        "dg_number": {"type": "string", "enum": list(site.generators)},
        "amount": {"type": "string", "pattern": f"^{_NOT_NOUGHT}{AMOUNT}$"},
        "transaction_id": {"type": "string", "pattern": "^[A-Z0-9]{4,32}$"},
        "from_date": day,
        "to_date": day,
        "load_dg": load,
        "load_grid": load,
        "url": {"type": "string", "pattern": _HERE},
    }


def _operation(company: Company, operation: Operation) -> dict[str, object]:
    names = {their: our for our, their in company.params(operation).items()}
    schemas: dict[str, Schema] = {
        their: {"$ref": f"#/components/schemas/{our}"} for their, our in names.items()
    }
    return {
        "operationId": operation.name,
        "summary": f"Clause {operation.clause}: {operation.name.replace('_', ' ')}",
        **(_asked(schemas) if operation.method == "GET" else _sent(company, schemas)),
        "responses": _responses(company, operation),
    }


def _asked(schemas: dict[str, Schema]) -> dict[str, object]:
    return {
        "parameters": [
            {"name": name, "in": "query", "required": True, "schema": schema}
            for name, schema in schemas.items()
        ]
    }


def _sent(company: Company, schemas: dict[str, Schema]) -> dict[str, object]:
    body = {"type": "object", "properties": schemas, "required": list(schemas)}
    kind = _JSON if company.profile.encoding == "json" else _FORM
    return {"requestBody": {"required": True, "content": {kind: {"schema": body}}}}


def _responses(company: Company, operation: Operation) -> dict[str, object]:
    """A yes is always a 200; a no is what the company makes of it (contract, reading 2)."""
    said: dict[int, list[Schema]] = {200: _answers(company, operation)}
    said.setdefault(company.refuses_with, []).append(_refusal(operation))
    said[400] = [_refusal_without_data()]
    if _schemes(company):
        said[401] = [_refusal_without_data()]
    responses: dict[str, object] = {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "content": {_JSON: {"schema": {"oneOf": schemas}}},
        }
        for status, schemas in said.items()
    }
    return responses | ({"200": _linked(company, responses["200"])} if operation.name == "recharge" else {})


def _linked(company: Company, response: object) -> object:
    """What a recharge is called is what ``recharge_status`` is asked with."""
    assert isinstance(response, dict)
    asked, told = company.params(OPERATIONS["recharge_status"]), company.fields(OPERATIONS["recharge"])
    parameters = {asked["transaction_id"]: f"$response.body#/data/{told['transaction_id']}"}
    return response | {
        "links": {"status": {"operationId": "recharge_status", "parameters": parameters}},
    }


def _answers(company: Company, operation: Operation) -> list[Schema]:
    data = row(company, operation)
    around: dict[str, Schema] = {"message": TEXT}
    if operation.name in _LISTS:
        data = {"type": "array", "items": data, "minItems": 1}
        around["count"] = {"type": "string", "pattern": "^[0-9]+$"}
    words = ["success", "waiting"] if operation.name in _MAY_WAIT else ["success"]
    return [_object({"status": {"enum": words}, **around, "data": data})]


def _refusal(operation: Operation) -> Schema:
    """``count`` stands in some of the document's errors, ``Remarks`` without data in others."""
    said: dict[str, Schema] = {"status": {"enum": ["Error", "error"]}, "message": TEXT}
    if operation.name in _SAYS_WHY:
        return _object({**said, "Remarks": TEXT})
    found = _refusal_without_data()
    counts = operation.name in (*_LISTS, "meter_reading", "recharge")
    return _object({**said, "count": {"const": "0"}, "data": {"type": "null"}}) if counts else found


def _refusal_without_data() -> Schema:
    return _object({"status": {"enum": ["Error", "error"]}, "message": TEXT, "data": {"type": "null"}})


def _object(properties: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
