// What every page does. Behaviour is attached by data attributes, so that fragments htmx brings in have it too.
import "./csrf.js";
import "./menu.js";
import "./dialog.js";
import "./toast.js";
import "./forms.js";
import "./times.js";
import "./theme.js";
import "./copy.js";
import "./pill.js";
import "./current.js";
import "htmx.org";
