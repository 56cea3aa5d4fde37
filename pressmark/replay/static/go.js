// Leads on, to where the server says.
"use strict";
location.replace(document.currentScript.dataset.to);
