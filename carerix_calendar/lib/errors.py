"""The root of every error this product raises on purpose."""

from django.utils.functional import Promise


class AppError(Exception):
    """An expected failure that carries a sentence fit for the user it concerns.

    `sentence` is translated lazily, in the language of whoever reads it; `code` is stable and untranslated.
    """

    code = "error"
    sentence: str | Promise = ""

    def __init__(self, sentence: str | Promise | None = None, **context: object) -> None:
        self.context = context
        if sentence is not None:
            self.sentence = sentence
        super().__init__(str(context) if context else self.code)

    def __str__(self) -> str:
        return str(self.sentence) or self.code
