import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";

/** A thread of its own that copies what waits in the write-ahead log into the file: the disk may take its time. */
const database = new DatabaseSync(workerData as string);
const checkpoint = database.prepare("PRAGMA wal_checkpoint(PASSIVE)");
const port = parentPort!;

port.on("message", (request: "checkpoint" | "close") => {
  if (request === "close") {
    database.close();
    port.close();
    return;
  }
  try {
    checkpoint.get();
  } catch {
    // A full disk, say: the writer meets the same error, and it can report it.
  }
  port.postMessage("done");
});
