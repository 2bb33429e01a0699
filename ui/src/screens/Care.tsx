/** The archive is checked and its index made anew on demand. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, api } from "../api/client";
import type { Work, WorkFinding } from "../api/types";
import { WORK_KINDS } from "../api/types";
import { number, size, t, timeOfDay } from "../i18n";
import { w } from "../i18n/recordings";
import { Icon } from "../parts/Icon";
import { ErrorNote } from "../parts/Notice";

const SHOWN_FINDINGS = 20;

export function Care() {
  const words = w().archive;
  const work = useSignal<Work | null>(null);
  const error = useSignal<ApiError | null>(null);
  const running = work.value !== null && work.value.finished === null;

  async function attempt(act: () => Promise<Work | null>): Promise<void> {
    error.value = null;
    try {
      work.value = await act();
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      error.value = caught;
    }
  }
  useEffect(() => {
    void attempt(api.work);
  }, []);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => void attempt(api.work), 700);
    return () => clearInterval(timer);
  }, [running]);

  return (
    <section class="panel" aria-labelledby="care">
      <div class="panel-head">
        <h2 id="care">{words.care}</h2>
        <p class="soft">{words.careText}</p>
      </div>
      <ul class="rows">
        {WORK_KINDS.map((kind) => (
          <li key={kind} class="row">
            <span class="row-main">
              {words.work[kind]}
              <span class="row-more soft">{words.workHint[kind]}</span>
            </span>
            <button type="button" class="button" aria-disabled={running} aria-label={words.work[kind]} onClick={() => !running && void attempt(() => api.startWork(kind))}>
              <Icon name="play" size={18} />
            </button>
          </li>
        ))}
      </ul>
      {error.value && <ErrorNote error={error.value} />}
      <div role="status">
        {running ? <Going work={work.value!} onStop={() => void attempt(() => api.stopWork().then(api.work))} /> : <Result work={work.value} />}
      </div>
    </section>
  );
}

function Going({ work, onStop }: { work: Work; onStop: () => void }) {
  const words = w().archive;
  return (
    <div class="going">
      <p>
        {words.working(words.work[work.kind])} {work.total > 0 && words.progress(number(work.done), number(work.total))}
      </p>
      <progress aria-label={words.work[work.kind]} max={1} value={work.total > 0 ? work.done / work.total : 0} />
      <button type="button" class="text-button" onClick={onStop}>
        {w().exports.stop}
      </button>
    </div>
  );
}

function Result({ work }: { work: Work | null }) {
  const words = w().archive;
  if (!work?.finished) return <p class="soft">{words.stillNever}</p>;
  const name = words.work[work.kind];
  if (work.error || work.stopped) {
    return (
      <>
        <p>{words.failed(name)}</p>
        {work.error && <p>{t().errors[work.error.kind]}</p>}
      </>
    );
  }
  return (
    <div class="result">
      <p class="soft">{words.finished(name, timeOfDay(work.finished, undefined))}</p>
      {work.kind !== "rebuild" && (
        <p class="verdict" data-clean={work.found === 0}>
          <Icon name={work.found === 0 ? "check" : "alert"} size={18} />
          {work.found === 0 ? words.clean : words.findings(work.found)}
        </p>
      )}
      <p>{numbersText(work)}</p>
      {work.findings.length > 0 && (
        <ul class="rows">
          {work.findings.slice(0, SHOWN_FINDINGS).map((finding) => (
            <FindingRow key={`${finding.kind}${finding.place}`} finding={finding} />
          ))}
        </ul>
      )}
      {work.found > SHOWN_FINDINGS && <p class="hint">{words.moreFindings(work.found - SHOWN_FINDINGS)}</p>}
    </div>
  );
}

function numbersText({ kind, numbers, found }: Work): string {
  const words = w().archive;
  const text = (name: string) => number(numbers[name] ?? 0);
  if (kind === "rebuild") return words.rebuilt(text("segments"), text("gaps"), text("events"));
  if (kind === "verify" && found === 0) return words.proved(text("files"), size(numbers["size_bytes"] ?? 0), text("days"), text("signed_days"));
  return "";
}

function FindingRow({ finding }: { finding: WorkFinding }) {
  const known = w().archive.finding as Record<string, string>;
  const kind = finding.kind.startsWith("row_") || finding.kind.startsWith("event_") || finding.kind.startsWith("index_b") ? "index" : finding.kind.replace(/^unlisted_.*/, "unlisted");
  return (
    <li class="row">
      <span class="row-main">
        {known[kind] ?? known["other"]}
        <code class="row-more">{finding.place}</code>
        <span class="row-more detail" lang="en">
          {finding.what} {finding.mend}
        </span>
      </span>
    </li>
  );
}
