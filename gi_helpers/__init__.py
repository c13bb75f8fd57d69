"""Helpers behind the GlobalInstruct notebooks: one module per notebook, of the same name.

Read from top to bottom; a module imports only from modules above it.

    errors         NeedsFixing, the one error meant for the person at the keyboard
    store          where each stage's file lives, and safe reading and writing
    languages      which languages, and their codes on Wikipedia and the BBC
    web            where Wikipedia, the news site and the model are, and one polite session
    tokens         how many tokens a text has, also without network
    llm            the one way to a chat model: many requests, journaled and within a budget
    wiki_scrape    notebook 1, articles of a Wikipedia as rows
    bbc_scrape     notebook 2, news stories as rows
    clean          notebook 3, one tidy table of texts under the token limit
    translate      notebook 4, question-answer rows drafted from the texts
    review         notebook 4b, what people decide about each row
    csv_to_jsonl   notebook 5, reviewed rows as training conversations
    check          notebook 6, what is wrong with a training file, and what training costs
    finetune       notebook 7, a hosted fine-tuning job
    lora           notebook 7, an open model tuned on this machine or on a Colab GPU
    truthfulqa     notebook 8, evaluation questions in the language
    evaluate       notebook 9, asking, scoring and comparing models
    ratings        notebook 9b, blind ratings by people
    publish        notebook 10, the dataset card, the registry and the upload
    charts         tables become figures
    widgets        what people click on; the only code that needs ipywidgets
    practice       the rehearsal: a server on this machine that plays Wikipedia, news site and model

Files whose names begin with _ are parts of a module; others may use them, too:

- languages: _contact, _plainnames, _sitelist
- web: _manners, _pace, _robots
- llm: _answers, _refusals, _asking, _batch, _journal, _money
- wiki_scrape: _braces, _choice, _dump, _dumprows, _dumpwork, _furniture, _html, _markup, _place, _prose, _site, _templates, _variants, _wiki, _wikitext
- bbc_scrape: _newsbytes, _newsfind, _newsjob, _newsjson, _newskind, _newspage, _newsparts, _newsread, _newsrun, _newstext, _newswatch
- clean: _copies, _csvrows, _duplicates, _examine, _language, _letters, _repair, _sources, _split, _workers
- translate: _drafting, _estimate, _nearby, _plan, _prompts, _rowchecks, _sheets
- review: _decision, _merging, _typed, _reviewfile
- lora: _answering, _card, _local, _tokenized, _tuning
- check: _checkanswers, _checkcodes, _checkcost, _checkfile, _checkleaks, _checkpieces, _checkrepair,
  _checkrows, _checksizes, _checktext, _checkwhole
- truthfulqa: _firstreading, _questionsets, _secondreading, _signals, _translating
- evaluate: _comparing, _judging, _leaks, _likelihood, _outcome, _prompting, _replies, _replywords, _report, _scoring, _statistics
- ratings: _ratingfiles, _ratingflows
- publish: _cardwords, _croissant, _entries, _frontmatter, _gathering, _licences, _registry, _regpage, _trainconfigs, _upload
- charts: _charts_eval, _look
"""
