"""The rehearsal: one server on this machine that plays Wikipedia, a news site and a model service.

Read from top to bottom.

    messages    a request and an answer
    state       what the server knows, and the faults it makes on purpose
    wikitext    wikitext read: templates expanded, a page as HTML and as plain text
    wiki_pages  the project's articles dressed as wiki pages; what a scraper must find in them
    wiki_about  namespaces, titles, siteinfo
    wiki_query  action=query with its generators, properties and going on
    wiki        the MediaWiki API in front of these
    news_pages  the project's stories dressed as news pages
    news        the news site: feed, front page, topics, stories, and what is no story
    learner     the tiny model that truly learns
    teacher     what the pretend teacher makes of a passage
    openai_api  the OpenAI API, with chat, files, jobs and batches beside it
    server      the web server in front of all of them

    >>> with start() as practice:
    ...     practice.wiki("yo") == practice.url + "/wiki/yo/w/api.php"
    True
"""


def start(port=0, latency=0, faults=None, state=None, texts=None):
    """Start the practice server on 127.0.0.1; gives an object with .url, .openai, .wiki(code), .news(code), .state and .stop().

    port 0 takes any free one; latency is seconds added to each answer; faults maps a kind to the share of requests that get it (see
    server); state is a folder that keeps jobs and tuned models between runs; texts is another folder of texts than data/practice.
    Raises NeedsFixing when the port is in use.
    """
    from .server import Practice

    return Practice(port, latency, faults, state, texts)
