"""The words of notebook 0 in other languages than English. What has no translation yet stays English.

    >>> speak("fr"); say("Language"); say("Wikipedia: about {count} articles.", count="36 000")
    'Langue'
    'Wikipédia : environ 36 000 articles.'
    >>> speak("en"); say("Language")
    'Language'
"""
FRENCH = {
    "Language": "Langue", "type a name or a code": "tapez un nom ou un code", "Mode": "Mode", "Contact": "Contact",
    "e-mail or web address of your team": "courriel ou site web de votre équipe",
    "Chosen: {label}.": "Langue choisie : {label}.",
    "“{word}” is the name of {label}, too; type {code} if you mean that.": "« {word} » est aussi le nom de {label} ; tapez {code} si vous pensiez à celle-ci.",
    "ISO 639-3 code {code}, script: {script}, written {direction}.": "Code ISO 639-3 : {code} ; écriture : {script}, {direction}.",
    "right to left": "de droite à gauche", "left to right": "de gauche à droite",
    "Wikipedia: about {count} articles.": "Wikipédia : environ {count} articles.", "Wikipedia: size not known.": "Wikipédia : taille inconnue.",
    "News service of the BBC: {name}. Its texts may be used with permission only.": "Service de la BBC : {name}. Ses textes ne s'utilisent qu'avec permission.",
    "News service of the BBC: none, so notebook 2 can be skipped.": "Service de la BBC : aucun ; on peut sauter le cahier 2.",
    "Practice texts: {articles} articles, {stories} news stories, {questions} questions.":
        "Textes d'entraînement : {articles} articles, {stories} nouvelles, {questions} questions.",
    "Practice texts: none yet. Practice mode works in {codes}; live mode works in your language, too.":
        "Textes d'entraînement : pas encore. Le mode practice existe en {codes} ; le mode live fonctionne aussi dans votre langue.",
    "Language sheet: a draft is there; speakers must approve it.": "Fiche de langue : une ébauche existe ; des locuteurs doivent la valider.",
    "Language sheet: none yet; your team writes one in notebook 4.": "Fiche de langue : pas encore ; votre équipe l'écrit dans le cahier 4.",
    "Tokens a word: counting ...": "Jetons par mot : calcul en cours ...",
    "Tokens a word: about {number} in {where} ({how}); English has about 1.2.": "Jetons par mot : environ {number} dans {where} ({how}) ; l'anglais en a environ 1,2.",
    "your articles": "vos articles", "the practice texts": "les textes d'entraînement", "exact": "exact", "estimate": "estimation",
    "Tokens a word: known when you have texts; notebook 3 counts them.": "Jetons par mot : on le saura avec vos textes ; le cahier 3 les compte.",
    "In other notebooks that are open, run the set-up cell again.": "Dans les autres cahiers ouverts, exécutez de nouveau la cellule de préparation.",
    "Practice: a rehearsal on this machine. No key, no cost, no network.": "Practice : une répétition sur cette machine. Ni clé, ni coût, ni réseau.",
    "Live: real sites and real models. Run the set-up cell of a notebook again after this change. Steps that cost money wait for your click.":
        "Live : de vrais sites et de vrais modèles. Après ce choix, exécutez de nouveau la cellule de préparation des cahiers. "
        "Ce qui coûte de l'argent attend votre clic.",
    "Look again": "Actualiser", "PRACTICE: a rehearsal.": "PRACTICE : une répétition.", "Stage": "Étape", "State": "État", "next": "à faire",
    "All stages have been walked.": "Toutes les étapes sont faites.", "Next: open {notebook}.": "À faire : ouvrez {notebook}.",
    "{count} rows still wait for a reader in 4b_review.": "{count} lignes attendent encore une lecture dans 4b_review.",
    "There are no practice texts in this language: choose live, or {codes}.": "Pas de textes d'entraînement dans cette langue : choisissez live, ou {codes}.",
    "nothing yet": "rien encore", "no service in this language: skip": "aucun service dans cette langue : à sauter",
    "articles": "articles", "stories": "nouvelles", "clean texts": "textes nettoyés", "drafted rows": "lignes rédigées", "conversations": "conversations",
    "problems to look at": "problèmes à voir", "sentences of questions": "phrases de questions", "scores": "scores", "ratings": "notes", "dataset card": "fiche du jeu de données",
    "{done} of {all} rows reviewed": "{done} lignes relues sur {all}", "{what}: there": "{what} : prêt", "model": "modèle", "{count} left out": "{count} écartés",
}
TABLES = {"fr": FRENCH}
_now = {"table": {}}


def speak(language):
    """Show the widgets of notebook 0 in this language: "en", or "fr"."""
    _now["table"] = TABLES.get(language, {})


def say(english, **values):
    """A sentence in the language that was chosen, with its values filled in."""
    return _now["table"].get(english, english).format(**values)


def number(value):
    """A whole number as it is written there: 36,000 or 36 000."""
    return f"{value:,}".replace(",", "\u202f") if _now["table"] is FRENCH else f"{value:,}"


def decimal(value):
    """A number with one decimal: 2.4 or 2,4."""
    return f"{value:.1f}".replace(".", ",") if _now["table"] is FRENCH else f"{value:.1f}"
