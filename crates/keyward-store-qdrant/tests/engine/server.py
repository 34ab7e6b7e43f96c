"""Qdrant's own engine behind the part of its REST API that the store uses.

The engine is the package `qdrant-edge-py`: the shard of a Qdrant server (its segments, indexes, filters, conditional updates
and insert-only mode) without the HTTP and cluster parts around it. Those are imitated here: as in the server, the updates of
a shard are applied one after the other, and reads do not wait for them.

Prints the port it listens on, and ends when its standard input does.
"""

import json
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from os import mkdir
from os.path import join
from urllib.parse import urlsplit

import qdrant_edge as engine

SCHEMAS = {"keyword": engine.PayloadSchemaType.Keyword, "integer": engine.PayloadSchemaType.Integer}
MODES = {"insert_only": engine.UpdateMode.InsertOnly}
DIRECTIONS = {"desc": engine.Direction.Desc, "asc": engine.Direction.Asc}


class Refused(Exception):
    """An answer that is not 200."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


class Collection:
    def __init__(self, path, vectors):
        if set(vectors) != {"size", "distance"}:
            raise Refused(400, "vectors of another kind")
        self.vectors = vectors
        self.schema = {}
        params = engine.EdgeVectorParams(size=vectors["size"], distance=getattr(engine.Distance, vectors["distance"]))
        mkdir(path)
        self.shard = engine.EdgeShard.create(path, engine.EdgeConfig(vectors=params))
        self.updates = threading.Lock()

    def update(self, operation):
        with self.updates:
            self.shard.update(operation)
        return {"operation_id": 0, "status": "completed"}

    def info(self):
        schema = {name: {"data_type": kind} for name, kind in self.schema.items()}
        return {"payload_schema": schema, "config": {"params": {"vectors": self.vectors}}}

    def create_index(self, body):
        self.schema[body["field_name"]] = body["field_schema"]
        return self.update(
            engine.UpdateOperation.create_field_index(body["field_name"], SCHEMAS[body["field_schema"]])
        )

    def upsert(self, body):
        points = [engine.Point(point["id"], point["vector"], point["payload"]) for point in body["points"]]
        mode = MODES[body["update_mode"]]
        return self.update(engine.UpdateOperation.upsert_points(points, update_mode=mode))

    def set_payload(self, body):
        where = filter_of(body["filter"])
        return self.update(engine.UpdateOperation.set_payload_by_filter(where, body["payload"]))

    def delete(self, body):
        return self.update(engine.UpdateOperation.delete_points(body["points"]))

    def retrieve(self, body):
        found = self.shard.retrieve(body["ids"], payload_of(body["with_payload"]), body["with_vector"])
        return [point_of(record) for record in found]

    def scroll(self, body):
        order = body.get("order_by")
        if order is not None:
            order = engine.OrderBy(order["key"], DIRECTIONS[order["direction"]])
        found, following = self.shard.scroll(
            engine.ScrollRequest(
                offset=body.get("offset"),
                limit=body["limit"],
                filter=filter_of(body["filter"]),
                with_payload=payload_of(body["with_payload"]),
                with_vector=body["with_vector"],
                order_by=order,
            )
        )
        return {"points": [point_of(record) for record in found], "next_page_offset": following and str(following)}

    def count(self, body):
        return {"count": self.shard.count(engine.CountRequest(body["exact"], filter_of(body["filter"])))}


def filter_of(body):
    return engine.Filter(must=[condition_of(condition) for condition in body["must"]])


def condition_of(body):
    if set(body) == {"has_id"}:
        return engine.HasIdCondition(set(body["has_id"]))
    if set(body) == {"key", "match"}:
        return engine.FieldCondition(body["key"], match=engine.MatchValue(body["match"]["value"]))
    if set(body) == {"key", "range"}:
        return engine.FieldCondition(body["key"], range=engine.RangeFloat(**body["range"]))
    raise Refused(400, "a condition of another kind")


def payload_of(selector):
    return engine.PayloadSelector.Include(selector) if isinstance(selector, list) else selector


def point_of(record):
    point = {"id": str(record.id)}
    if record.payload is not None:
        point["payload"] = record.payload
    return point


class Server:
    """The collections, and what is done with them."""

    def __init__(self, folder):
        self.folder = folder
        self.collections = {}
        self.made = 0
        self.changes = threading.Lock()

    def answer(self, method, path, body):
        if (method, path) == ("GET", "/"):
            return {"title": "Qdrant's engine", "version": "1.18.0"}
        _, root, name, *rest = path.split("/")
        if root != "collections":
            raise Refused(404, "no such path")
        if (method, rest) == ("PUT", []):
            return {"result": self.create(name, body)}
        if (method, rest) == ("DELETE", []):
            with self.changes:
                return {"result": self.collections.pop(name, None) is not None}
        collection = self.collections.get(name)
        if collection is None:
            raise Refused(404, "no such collection")
        match method, "/".join(rest):
            case "GET", "":
                return {"result": collection.info()}
            case "PUT", "index":
                return {"result": collection.create_index(body)}
            case "PUT", "points":
                return {"result": collection.upsert(body)}
            case "POST", "points":
                return {"result": collection.retrieve(body)}
            case "POST", "points/payload":
                return {"result": collection.set_payload(body)}
            case "POST", "points/delete":
                return {"result": collection.delete(body)}
            case "POST", "points/scroll":
                return {"result": collection.scroll(body)}
            case "POST", "points/count":
                return {"result": collection.count(body)}
        raise Refused(404, "no such path")

    def create(self, name, body):
        with self.changes:
            if name in self.collections:
                raise Refused(409, "there is such a collection")
            self.made += 1
            self.collections[name] = Collection(join(self.folder, str(self.made)), body["vectors"])
        return True


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One packet an answer, at once.
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle_one(self):
        length = int(self.headers.get("content-length", 0))
        body = json.loads(self.rfile.read(length)) if length else None
        status = 200
        try:
            answer = self.server.collections.answer(self.command, urlsplit(self.path).path, body)
        except Refused as refused:
            status, answer = refused.status, {"status": {"error": str(refused)}}
        except Exception as error:  # What the engine refuses, as the server does.
            print(f"{self.command} {self.path}: {error!r}", file=sys.stderr)
            status, answer = 400, {"status": {"error": repr(error)}}
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_POST = do_DELETE = handle_one

    def log_message(self, *_):
        pass


class HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def main():
    with tempfile.TemporaryDirectory() as folder:
        http = HttpServer(("127.0.0.1", 0), Handler)
        http.collections = Server(folder)
        threading.Thread(target=http.serve_forever, daemon=True).start()
        print(http.server_port, flush=True)
        sys.stdin.read()


main()
