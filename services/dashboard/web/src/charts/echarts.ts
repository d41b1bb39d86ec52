import { LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

// Only what the page draws; this module is loaded after the first paint.
use([LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

export { init };
