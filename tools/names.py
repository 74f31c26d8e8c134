"""Write a table of names to train on: english, french, kind (female, male or family), from PyPI's faker.

python tools/names.py > data/names.tsv      (pip install faker; the table is for training and is not shipped)

Names that both women and men have are left out, since agreement depends on it, and so are words that are more often
something else.
"""

import importlib
from collections import defaultdict

LOCALES = """cs_CZ de_DE en_GB en_IE en_IN en_US es_ES fi_FI fr_FR fr_QC hr_HR hu_HU id_ID it_IT nl_NL no_NO pl_PL
pt_PT ro_RO sv_SE tr_TR vi_VN yo_NG zu_ZA"""
LISTS = {"female": "first_names_female", "male": "first_names_male", "family": "last_names"}
OTHER_WORDS = """America April Asia August Austin Bien Bon Brazil Chad Charlotte China Dallas Dieu Florence France
Georgia Germany He Holland In India Ireland Is Israel It Jackson Jordan June Kenya La Le London Lourdes Ma Madison
May Me Mon Ni No Noël On Orlando Paris Pâques So Spain Sydney To Tu Victoria"""
LAST_LATIN = "\u024f"


def main() -> None:
    """Print the table."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for locale in LOCALES.split():
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for kind, name in LISTS.items():
            for each in getattr(provider, name, ()):
                if (
                    each.replace("-", "").isalpha()
                    and each[0].isupper()
                    and len(each) > 2
                    and max(each) <= LAST_LATIN
                ):
                    kinds[each].add(kind)
    print("Mary\tMarie\tfemale")
    for name, found in sorted(kinds.items()):
        if name not in OTHER_WORDS.split() and not {"female", "male"} <= found:
            print(f"{name}\t{name}\t{next(kind for kind in LISTS if kind in found)}")


if __name__ == "__main__":
    main()
