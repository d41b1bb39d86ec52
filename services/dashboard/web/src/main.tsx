import "./styles/index.css";
import { render } from "preact";
import { App } from "./app.tsx";
import { startClock } from "./state/clock.ts";
import { startLive } from "./state/live.ts";
import { startStore } from "./state/store.ts";

startClock();
startStore();
render(<App />, document.getElementById("app")!);
startLive();
