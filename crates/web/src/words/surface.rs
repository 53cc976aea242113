//! The words of the histogram, and of the page where owners choose how the surface of their volume is made.

use crate::language::Language;

words! {
    pub(crate) struct SurfaceWords, SURFACE_ENGLISH, SURFACE_GERMAN;

    surface_choose: "Choose how the surface is made" | "Wählen, wie die Oberfläche gemacht wird";
    surface_title: "How the surface is made" | "Wie die Oberfläche gemacht wird";
    surface_help: "The model that people turn, download and print is a surface through your volume. Left to itself the archive finds one grey value that parts body and surroundings; if that catches the holder with the jaw, say a better one here. Nothing changes before you keep it." | "Das Modell, das andere drehen, herunterladen und drucken, ist eine Oberfläche durch Ihr Volumen. Von sich aus findet das Archiv einen Grauwert, der Körper und Umgebung trennt; erwischt er mit dem Kiefer auch die Halterung, nennen Sie hier einen besseren. Es ändert sich nichts, bevor Sie es behalten.";
    surface_help_labels: "Your volume holds labels, the names of things. Each of them becomes a part of the model with a colour of its own; of more than 16 all together become one body, unless you name those that matter. Nothing changes before you keep it." | "Ihr Volumen enthält Beschriftungen, die Namen von Dingen. Jede wird ein Teil des Modells in eigener Farbe; von mehr als 16 werden alle zusammen ein Körper, wenn Sie nicht die nennen, auf die es ankommt. Es ändert sich nichts, bevor Sie es behalten.";
    volume_one_value: "All voxels of this volume have the same grey value:" | "Alle Voxel dieses Volumens haben denselben Grauwert:";
    volume_no_numbers: "No voxel of this volume holds a number" | "Kein Voxel dieses Volumens enthält eine Zahl";
    volume_nothing_seen: "There is nothing to see in pictures of it, and it has no surface." | "Auf Bildern davon ist nichts zu sehen, und eine Oberfläche hat es nicht.";
    surface_no_volume: "There is no volume yet. What you keep is used as soon as there is one." | "Es gibt noch kein Volumen. Was Sie behalten, gilt, sobald es eines gibt.";
    surface_no_histogram: "No histogram was kept with this volume." | "Zu diesem Volumen wurde kein Histogramm aufbewahrt.";
    surface_kept: "Kept. The model and its files are being made again; that takes some minutes." | "Behalten. Das Modell und seine Dateien werden neu gemacht; das dauert einige Minuten.";
    surface_how: "What becomes a body" | "Was ein Körper wird";
    surface_itself: "Let the archive find the grey value" | "Das Archiv findet den Grauwert";
    surface_itself_says: "By Otsu's rule: the one that parts the histogram best in two" | "Nach Otsus Regel: der das Histogramm am besten in zwei Teile trennt";
    surface_each: "Each label a part of its own" | "Jede Beschriftung ein eigener Teil";
    surface_each_says: "Up to 16; more of them become one body" | "Bis zu 16; mehr davon werden ein Körper";
    surface_together: "All labels together" | "Alle Beschriftungen zusammen";
    surface_together_says: "One body of everything that has a label" | "Ein Körper aus allem, was eine Beschriftung hat";
    surface_levels: "Grey values that I say" | "Grauwerte, die ich nenne";
    surface_levels_says: "Each gets a surface around everything at or above it, with a name and a colour of its own" | "Jeder bekommt eine Oberfläche um alles, was ihn erreicht, mit eigenem Namen und eigener Farbe";
    surface_labels: "Only these labels" | "Nur diese Beschriftungen";
    surface_labels_says: "Each a part of its own" | "Jede ein eigener Teil";
    surface_values: "Grey values" | "Grauwerte";
    surface_values_labels: "Labels" | "Beschriftungen";
    surface_values_help: "One or several, at most 16, with spaces or semicolons between them." | "Einer oder mehrere, höchstens 16, mit Leerzeichen oder Strichpunkten dazwischen.";
    surface_smoothing: "Rounds of smoothing" | "Glättungen";
    surface_smoothing_help: "0 keeps every step between voxels, 8 is usual, 50 is the most. Volumes are kept." | "0 lässt jede Stufe zwischen Voxeln stehen, 8 ist üblich, 50 das Höchste. Volumen bleiben erhalten.";
    surface_show: "Show it in the histogram" | "Im Histogramm zeigen";
    surface_keep: "Keep it" | "Behalten";
    surface_usual: "Back to automatic" | "Zurück zum automatischen";
    surface_model: "The present model" | "Das jetzige Modell";
    surface_histogram: "Histogram" | "Histogramm";
    surface_parts: "Parts" | "Teile";
    surface_from: "Grey values from" | "Grauwerte von";
    surface_labels_from: "Labels from" | "Beschriftungen von";
    surface_to: "to" | "bis";
    surface_heights: "from left to right; heights are logarithmic." | "von links nach rechts; die Höhen sind logarithmisch.";
    surface_dark: "Dark is what lies inside." | "Dunkel ist, was innen liegt.";
    surface_grey_value: "Grey value" | "Grauwert";
    surface_by_otsu: "found by Otsu's rule" | "nach Otsus Regel gefunden";
    surface_chosen: "chosen by the owners" | "von den Eigentümern gewählt";
    surface_otsu_would: "Otsu's rule would take" | "Otsus Regel nähme";
    surface_label: "Label" | "Beschriftung";
    surface_inside: "of the voxels lie at or above it" | "der Voxel erreichen ihn";
    surface_of_voxels: "of the voxels" | "der Voxel";
    surface_all_labels: "All labels together are one body." | "Alle Beschriftungen zusammen sind ein Körper.";
    surface_too_many: "There are more than 16 labels; all of them together are one body." | "Es gibt mehr als 16 Beschriftungen; alle zusammen sind ein Körper.";
    surface_too_small: "too small for a surface" | "zu klein für eine Oberfläche";
    surface_labels_come: "Which labels there are is found when the surface is made." | "Welche Beschriftungen es gibt, zeigt sich, wenn die Oberfläche gemacht wird.";
    surface_encloses: "encloses" | "umschließt";
    surface_area: "area" | "Fläche";
}

impl SurfaceWords {
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &SURFACE_ENGLISH,
            Language::German => &SURFACE_GERMAN,
        }
    }
}
