import { createRoot } from "react-dom/client";

import { App } from "./app";
import { I18nProvider } from "./i18n";
import "./style.css";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <I18nProvider>
      <App />
    </I18nProvider>,
  );
}
