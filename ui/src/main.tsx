import { render } from "preact";
import { App } from "./app";
import { start } from "./state/world";
import "./style/tokens.css";
import "./style/base.css";
import "./style/shell.css";
import "./style/forms.css";
import "./style/motion.css";
import "./style/picture.css";
import "./style/controls.css";
import "./style/events.css";
import "./style/screens.css";

render(<App />, document.getElementById("app")!);
void start();
