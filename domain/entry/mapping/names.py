"""What the columns of intake are called in the files of banks, shops and utilities.

For guessing a first mapping alone: a person reads it before it is used.
"""

import unicodedata
from collections.abc import Sequence
from typing import Final

_CALLED: Final[dict[str, str]] = {
    "account_id": "account account_id account_number obligacion numero_obligacion no_obligacion"
    " nro_obligacion credito numero_credito no_credito num_credito nro_credito cuenta numero_cuenta"
    " no_cuenta nro_cuenta prestamo contrato numero_contrato no_contrato pagare producto_numero"
    " conta numero_conta n_conta n_contrato operacion operacao loan loan_id",
    "customer_id": "customer customer_id client client_id cliente id_cliente codigo_cliente"
    " cod_cliente numero_cliente no_cliente",
    "creditor": "creditor creditor_code acreedor entidad banco originador credor empresa cedente",
    "currency": "currency moneda divisa moeda",
    "balance": "balance overdue overdue_balance amount_due saldo saldo_mora saldo_en_mora"
    " saldo_vencido valor_mora valor_en_mora monto_vencido monto_mora importe_vencido deuda"
    " deuda_vencida capital_vencido total_vencido valor_vencido saldo_devedor valor_em_atraso"
    " valor_atraso saldo_em_atraso divida valor",
    "oldest_due_date": "due_date oldest_due_date oldest_due fecha_vencimiento fec_vencimiento"
    " fecha_de_vencimiento vencimiento fecha_mora fecha_inicio_mora fecha_cuota primer_vencimiento"
    " fecha_primer_vencimiento vencimento data_vencimento data_de_vencimento dt_vencimento"
    " dt_vencto data_atraso",
    "name": "name full_name customer_name nombre nombres nombre_completo nombre_cliente"
    " nombre_del_cliente razon_social titular nome nome_completo nome_cliente nome_do_cliente",
    "surname": "surname last_name apellido apellidos apellido_paterno apellido_materno"
    " primer_apellido segundo_apellido sobrenome",
    "country": "country pais country_code",
    "region": "region state departamento depto estado provincia uf",
    "postal_code": "postal_code zip zip_code zipcode codigo_postal cp cod_postal cep",
    "locale": "locale language idioma lingua",
    "mobile": "mobile cell cellphone mobile_phone celular tel_celular telefono_celular movil"
    " telefono_movil numero_celular celular_1 celular1 phone telefono telefono_1 telefono1"
    " telefone_celular tel telefone",
    "landline": "landline home_phone telefono_fijo tel_fijo fijo telefono_casa telefone_fixo"
    " telefone_residencial fixo",
    "email": "email e_mail mail correo correo_electronico email_cliente",
    "whatsapp": "whatsapp numero_whatsapp wa zap",
    "score": "score puntaje calificacion pontuacao",
    "timezone": "timezone zona_horaria fuso_horario",
    "preferred_channel": "preferred_channel canal_preferido canal_preferencial",
}
_CONSENT: Final = frozenset(
    {"acepta", "acepto", "aceita", "autoriza", "autorizacion", "consent", "consentimiento"}
    | {"consentimento", "optin", "opt", "permite"}
)
_CHANNELS: Final = {
    "sms": "sms mensaje mensajes",
    "whatsapp": "whatsapp wa zap",
    "email": "email correo mail e_mail",
    "voice": "voz llamada llamadas telefono ligacao voice call calls telefone",
}
_TARGET: Final = {name: target for target, names in _CALLED.items() for name in names.split()}
_CHANNEL: Final = {name: target for target, names in _CHANNELS.items() for name in names.split()}

SURNAME: Final = "surname"
"""No column of intake: joined to ``name``."""


def words_of(name: str) -> tuple[str, ...]:
    """A column's name as words without accents, signs and case: ``("saldo", "mora")``."""
    bare = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(
        c if c.isascii() and c.isalnum() else " "
        for c in bare
        if c.isprintable() and not unicodedata.combining(c)
    )
    return tuple(plain.split())


def target_of(name: str) -> str | None:
    """The column of intake that a column is called like."""
    words = words_of(name)
    kept = tuple(
        word for word in words if word not in ("de", "del", "do", "da", "la", "el", "n", "no")
    )
    return _TARGET.get("_".join(words)) or _TARGET.get("_".join(kept))


def consent_of(name: str) -> str | None:
    """The channel whose consent a column is called like."""
    words: Sequence[str] = words_of(name)
    if not _CONSENT.intersection(words):
        return None
    return next((_CHANNEL[word] for word in words if word in _CHANNEL), None)
