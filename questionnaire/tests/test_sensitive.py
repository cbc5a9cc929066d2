"""Texts that seem to name an offender or a case, and as many that do not."""

import time

import pytest

from questionnaire.workflow.sensitive import LONGEST_EXCERPT, Reason, findings

NAMING = [
    # English
    ("We have been following inmate Karim Benali since his transfer.", Reason.OFFENDER),
    ("The prisoner John Smith refused every programme.", Reason.OFFENDER),
    ("My detainee, Ahmed, comes back from Syria.", Reason.OFFENDER),
    ("One offender named Luke B. was released without support.", Reason.OFFENDER),
    ("I work with an individual called Rachid.", Reason.OFFENDER),
    ("He is a client named Thomas O’Neill.", Reason.OFFENDER),
    ("The case of parolee K.B. shows it well.", Reason.OFFENDER),
    ("Abdel Rahman was convicted of terrorist offences.", Reason.OFFENDER),
    ("Peter Novak, who was sentenced to nine years, came home.", Reason.OFFENDER),
    ("A returnee alias is known; the ex-prisoner Omar Al-Amrani is one.", Reason.OFFENDER),
    ("Mr Jones told us that he wanted to leave the group.", Reason.PERSON),
    ("Mrs. Keller lost her son to the movement.", Reason.PERSON),
    ("I visit Ms Dupont every week.", Reason.PERSON),
    ("See case number 2019/1234 for the details.", Reason.NUMBER),
    ("It is file no. AB-20211 at the court.", Reason.NUMBER),
    ("Prisoner number 48213 is a good example.", Reason.NUMBER),
    ("Inmate ID: 77-4521 moved to another wing.", Reason.NUMBER),
    ("A young man born on 12 March 1985 in Lille.", Reason.BIRTH),
    ("He was born 03/04/1991.", Reason.BIRTH),
    ("Date of birth: 1988-07-21.", Reason.BIRTH),
    ("The boy, born on March 3, 1999, was alone.", Reason.BIRTH),
    # French
    ("Nous suivons le détenu Karim Benali depuis son transfert.", Reason.OFFENDER),
    ("La détenue Sarah L. a refusé le programme.", Reason.OFFENDER),
    ("Le prisonnier nommé Ahmed revient de Syrie.", Reason.OFFENDER),
    ("Un condamné, Luc Martin, est sorti sans accompagnement.", Reason.OFFENDER),
    ("J’accompagne une personne nommée Rachida.", Reason.OFFENDER),
    ("Un jeune prénommé Théo a été signalé.", Reason.OFFENDER),
    ("L’ex-détenu Omar El-Amrani en est un exemple.", Reason.OFFENDER),
    ("Jean Moreau a été condamné à neuf ans.", Reason.OFFENDER),
    ("Samir Haddad, qui a été incarcéré en 2015, est rentré chez lui.", Reason.OFFENDER),
    ("Le délinquant M. Petit est suivi par nos services.", Reason.OFFENDER),
    ("M. Durand nous a dit vouloir quitter le groupe.", Reason.PERSON),
    ("Mme Lefèvre a perdu son fils.", Reason.PERSON),
    ("Je rencontre Monsieur Bernard chaque semaine.", Reason.PERSON),
    ("Madame de Villiers est venue.", Reason.PERSON),
    ("Voir le dossier n° 2019/1234.", Reason.NUMBER),
    ("C’est l’affaire numéro 20-45789.", Reason.NUMBER),
    ("Son numéro d’écrou : 451278.", Reason.NUMBER),
    ("La procédure réf. 2021/778 est close.", Reason.NUMBER),
    ("Un homme né le 12/03/1985 à Lille.", Reason.BIRTH),
    ("Une jeune fille née le 3 mai 1999.", Reason.BIRTH),
    ("Date de naissance : 21.07.1988.", Reason.BIRTH),
]
NAMING_NOBODY = [
    # English
    "I am a probation officer in Graz and want to learn from the French experience.",
    "Our prison holds 450 inmates; twelve of them are VETOs.",
    "We prepare the release of prisoners in cooperation with Probation Services.",
    "The Offender Management Programme in England and Wales inspires us.",
    "Inmate Support Services in Brussels run a similar project.",
    "Our director, Anna Keller, supports my application.",
    "I have read Basra and Neumann, Prisons and Terrorism, 2020.",
    "After the attacks in Paris in 2015, our service was set up.",
    "I met Muriel Domenach at a RAN meeting in Vienna.",
    "Each offender. Karim, my colleague, knows this.",
    "How is an individual referred to PAIRS, and by which criteria?",
    "In this case number and quality of contacts matter.",
    "I was born in Lyon and have worked there for 12 years.",
    "The person named by the judge is the referent.",
    "We work with the prisoner In His Cell project of the Red Cross.",
    "Each detainee We meet has a case worker.",
    "The prison number is limited by law to 600.",
    "President Macron visited our service.",
    "The Terrorist Offenders Act of 2021 changed our work.",
    "A convict European by birth is treated alike.",
    "Programmes such as EXIT Sweden and Hayat Germany are known to us.",
    "In case no. of places is limited, I can come on one day.",
    "The client-centred approach of Carl Rogers is our base.",
    "She was sentenced by nobody; Clara Schumann was admired.",
    # French
    "Je suis conseillère d’insertion à Marseille et je souhaite découvrir PAIRS.",
    "Notre établissement compte 450 détenus, dont douze pour terrorisme.",
    "Nous préparons la sortie des condamnés avec le SPIP du Rhône.",
    "Le détenu. Notre équipe le rencontre chaque semaine.",
    "La personne détenue est suivie par un binôme de soutien.",
    "M. le directeur soutient ma candidature.",
    "Monsieur le juge d’application des peines décide.",
    "Madame la ministre a visité notre service.",
    "J’ai lu Farhad Khosrokhavar et Fatima Lahnait.",
    "Depuis les attentats de Paris, notre service a grandi.",
    "Le dossier numéro un de notre service est la réinsertion.",
    "Dans cette affaire, la procédure est longue.",
    "Je suis né à Lyon et j’y travaille depuis 12 ans.",
    "Ma collègue Anne Petit participera aussi à la visite.",
    "Le programme a été condamné par la presse.",
    "Le détenu Notre équipe, deux mondes qui se rencontrent.",
    "L’Administration pénitentiaire a été réformée en 2019.",
    "Un jeune appelé à comparaître reste un jeune.",
    "Chaque condamné Européen a les mêmes droits.",
    "Le prisonnier de Zenda est un roman.",
    "Les personnes nommées par le préfet siègent au GED.",
]


@pytest.mark.parametrize(("text", "reason"), NAMING)
def test_what_names_an_offender_or_a_case_is_pointed_at(text: str, reason: Reason) -> None:
    assert [finding.reason for finding in findings(text)] == [reason]


@pytest.mark.parametrize("text", NAMING_NOBODY)
def test_what_names_nobody_is_left_alone(text: str) -> None:
    assert findings(text) == []


def test_each_reason_is_given_once_with_its_passage() -> None:
    found = findings("Inmate Karim Benali, born on 12 March 1985, and inmate Luc Petit. Mr Jones agrees.")
    assert [(finding.reason, finding.excerpt) for finding in found] == [
        (Reason.OFFENDER, "Inmate Karim Benali"),
        (Reason.BIRTH, "born on 12 March 1985"),
    ]


@pytest.mark.parametrize(
    "unit",
    [
        "A",
        "Aa ",
        "Mr ",
        "M. ",
        "inmate Aa Bb ",
        "Aa-",
        "A.",
        "born : ",
        "case number A",
        "dossier n° ",
        "née le ",
        "d'",
    ],
)
def test_a_long_text_of_any_kind_is_looked_at_quickly(unit: str) -> None:
    text = unit * (5000 // len(unit))
    seconds = []
    for _round in range(3):
        start = time.process_time()
        found = findings(text)
        seconds.append(time.process_time() - start)
        assert all(len(finding.excerpt) <= LONGEST_EXCERPT for finding in found)
    assert min(seconds) < 0.1
