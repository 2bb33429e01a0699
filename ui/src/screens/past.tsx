/** The pages about the past in one file of their own, which a browser fetches when somebody asks for one of them. */
import type { Route } from "../state/route";
import "../style/recordings.css";
import { ArchiveScreen } from "./Archive";
import { ExportsScreen } from "./Exports";
import { RecordingsScreen } from "./Recordings";

export type PastRoute = Extract<Route, { screen: "recordings" | "exports" | "archive" }>;

export function PastScreen({ where }: { where: PastRoute }) {
  switch (where.screen) {
    case "recordings":
      return <RecordingsScreen key={where.id} id={where.id} />;
    case "exports":
      return <ExportsScreen />;
    case "archive":
      return <ArchiveScreen />;
  }
}
