"""Codes the world agreed on: regions (ISO 3166-1 alpha-2) with their currency (ISO 4217), and who is Europe."""

_USED_IN = {
    "EUR": "AD AT AX BE BL CY DE EE ES FI FR GF GP GR HR IE IT LT LU LV MC ME MF MQ MT NL PM PT RE SI SK SM TF VA YT",
    "USD": "AQ AS BQ EC FM GU IO MH MP PA PR PW SV TC TL UM US VG VI",
    "GBP": "GB GG GS IM JE UK", "CHF": "CH LI", "CAD": "CA", "AUD": "AU CC CX HM KI NF NR TV",
    "NZD": "CK NU NZ PN TK", "DKK": "DK FO GL", "NOK": "BV NO SJ", "XAF": "CF CG CM GA GQ TD",
    "XOF": "BF BJ CI GW ML NE SN TG", "XPF": "NC PF WF", "XCD": "AG AI DM GD KN LC MS VC", "ILS": "IL PS",
    "MAD": "EH MA", "XCG": "CW SX",
    "AED": "AE", "AFN": "AF", "ALL": "AL", "AMD": "AM", "AOA": "AO", "ARS": "AR", "AWG": "AW", "AZN": "AZ",
    "BAM": "BA", "BBD": "BB", "BDT": "BD", "BGN": "BG", "BHD": "BH", "BIF": "BI", "BMD": "BM", "BND": "BN",
    "BOB": "BO", "BRL": "BR", "BSD": "BS", "BTN": "BT", "BWP": "BW", "BYN": "BY", "BZD": "BZ", "CDF": "CD",
    "CLP": "CL", "CNY": "CN", "COP": "CO", "CRC": "CR", "CUP": "CU", "CVE": "CV", "CZK": "CZ", "DJF": "DJ",
    "DOP": "DO", "DZD": "DZ", "EGP": "EG", "ERN": "ER", "ETB": "ET", "FJD": "FJ", "FKP": "FK", "GEL": "GE",
    "GHS": "GH", "GIP": "GI", "GMD": "GM", "GNF": "GN", "GTQ": "GT", "GYD": "GY", "HKD": "HK", "HNL": "HN",
    "HTG": "HT", "HUF": "HU", "IDR": "ID", "INR": "IN", "IQD": "IQ", "IRR": "IR", "ISK": "IS", "JMD": "JM",
    "JOD": "JO", "JPY": "JP", "KES": "KE", "KGS": "KG", "KHR": "KH", "KMF": "KM", "KPW": "KP", "KRW": "KR",
    "KWD": "KW", "KYD": "KY", "KZT": "KZ", "LAK": "LA", "LBP": "LB", "LKR": "LK", "LRD": "LR", "LSL": "LS",
    "LYD": "LY", "MDL": "MD", "MGA": "MG", "MKD": "MK", "MMK": "MM", "MNT": "MN", "MOP": "MO", "MRU": "MR",
    "MUR": "MU", "MVR": "MV", "MWK": "MW", "MXN": "MX", "MYR": "MY", "MZN": "MZ", "NAD": "NA", "NGN": "NG",
    "NIO": "NI", "NPR": "NP", "OMR": "OM", "PEN": "PE", "PGK": "PG", "PHP": "PH", "PKR": "PK", "PLN": "PL",
    "PYG": "PY", "QAR": "QA", "RON": "RO", "RSD": "RS", "RUB": "RU", "RWF": "RW", "SAR": "SA", "SBD": "SB",
    "SCR": "SC", "SDG": "SD", "SEK": "SE", "SGD": "SG", "SHP": "SH", "SLE": "SL", "SOS": "SO", "SRD": "SR",
    "SSP": "SS", "STN": "ST", "SYP": "SY", "SZL": "SZ", "THB": "TH", "TJS": "TJ", "TMT": "TM", "TND": "TN",
    "TOP": "TO", "TRY": "TR", "TTD": "TT", "TWD": "TW", "TZS": "TZ", "UAH": "UA", "UGX": "UG", "UYU": "UY",
    "UZS": "UZ", "VES": "VE", "VND": "VN", "VUV": "VU", "WST": "WS", "YER": "YE", "ZAR": "ZA", "ZMW": "ZM",
    "ZWG": "ZW",
}  # fmt: skip

CURRENCY_OF = {region: currency for currency, regions in _USED_IN.items() for region in regions.split()}
"""The currency people of a region pay in, today; ``UK`` is understood as ``GB``."""

CURRENCIES = frozenset(_USED_IN) | {"HRK", "ANG", "SLL", "ZWL"}

_WITHOUT_DIGITS = frozenset(
    {
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    }
)
_THREE_DIGITS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})

_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EU_BY_TREATY = "AX GF GP MF MQ RE YT"

EUROPE = frozenset(f"{_EU} {_EU_BY_TREATY} IS LI NO CH GB UK".split())
"""European Union with the regions that belong to it by treaty, EEA, Switzerland and the United Kingdom."""

NORTH_AMERICA = frozenset({"US", "CA"})
"""Where the announcement of 2020 pays cameras by the remaining warranty."""


def minor_digits(currency: str) -> int:
    """How many digits a currency has after the point (ISO 4217)."""
    if currency in _WITHOUT_DIGITS:
        return 0
    return 3 if currency in _THREE_DIGITS else 2
