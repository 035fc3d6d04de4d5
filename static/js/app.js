import htmx from "htmx.org/dist/htmx.esm.js";
import "./wire.js";
import "./theme.js";
import "./strays.js";
import "./menu.js";
import "./reveal.js";
import "./dialog.js";
import "./toast.js";
import "./tabs.js";
import "./composer.js";
import "./keys.js";
import "./palette.js";
import "./moves.js";
import "./board.js";
import "./bulk.js";
import "./live.js";
import "./badges.js";
import "./activities.js";
import "./settings.js";
import "./feed.js";
import "./chat.js";
import "./chat-tools.js";
import "./chat-files.js";
import "./call-ring.js";
import "./call.js";
import "./push.js";
import "./uploads.js";
import "./folder.js";
import "./picks.js";

htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0;
htmx.config.scrollBehavior = "instant";
htmx.config.defaultSettleDelay = 0; // what is on the screen already answers to a hand
htmx.config.attributesToSettle = []; // a field drawn anew has its own classes from the first moment: <pick-one> reads them
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "422", swap: true },
  { code: "[45]..", swap: false, error: true },
];
