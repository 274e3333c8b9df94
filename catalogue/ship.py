"""`make model`: what the understanding of the starting catalogue is shipped with, so that no first start computes it.

The embeddings of all its texts (nlu/start.vectors) and the limits of the decision, fitted on its questions
(nlu/decision.json). To be run after a change of the starting catalogue or of the engine; it says what it measured.
"""

import json
import sys

from catalogue.learn import start_competences, start_entries
from nlu import decide
from nlu.embed import embedder
from nlu.fit_decision import fit_decision
from nlu.sense import texts_to_embed
from nlu.vectors import FILE, Vectors


def main() -> None:
    entries, competences, vectors = start_entries(), start_competences(), Vectors.load(FILE)
    texts = texts_to_embed(entries, competences)
    embedded = vectors.add(texts, embedder().embed)
    vectors.only(texts).save(FILE)
    decision = fit_decision(entries, competences, vectors)
    decide.FILE.write_text(json.dumps(decision.plain(), indent=1) + "\n", "utf-8")
    sys.stdout.write(json.dumps({"texts": len(texts), "newly embedded": embedded, **decision.figures}) + "\n")


if __name__ == "__main__":
    main()
