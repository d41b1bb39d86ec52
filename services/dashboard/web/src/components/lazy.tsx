import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { RequestError } from "../state/api.ts";
import { ErrorNotice } from "./notice.tsx";

/** A part of the page that is loaded when it is first shown. */
export function lazy<P extends object>(load: () => Promise<FunctionComponent<P>>): FunctionComponent<P> {
  let Loaded: FunctionComponent<P> | undefined;
  return (props) => {
    const [error, setError] = useState<RequestError>();
    const [, setLoaded] = useState(Loaded !== undefined);
    const begin = () => {
      setError(undefined);
      load().then(
        (component) => {
          Loaded = component;
          setLoaded(true);
        },
        (cause) => setError(new RequestError("offline", String(cause))),
      );
    };
    useEffect(() => {
      if (!Loaded) begin();
    }, []);
    if (Loaded) return <Loaded {...props} />;
    return error ? <ErrorNotice error={error} retry={begin} /> : <div class="is-loading" aria-busy="true" />;
  };
}
