// Every page works without this file: it only saves reloads and double clicks.
import { enhanceBasket } from "./basket.js";
import { enhanceFilters } from "./filters.js";
import { enhanceGallery } from "./gallery.js";
import { enhanceForms } from "./forms.js";
import { enhanceTheme } from "./theme.js";

enhanceBasket();
enhanceFilters();
enhanceGallery();
enhanceForms();
enhanceTheme();
