//! The words of what the files leave open.

words! {
    pub(crate) struct QuestionWords, QUESTION_ENGLISH, QUESTION_GERMAN;

    question_title: "A question about your files" | "Eine Frage zu Ihren Dateien";
    question_text: "Nothing is guessed: the volume is made as soon as you have answered." | "Geraten wird nicht: Das Volumen wird gemacht, sobald Sie geantwortet haben.";
    question_taken_here: "Taken until you answer." | "Gilt, bis Sie antworten.";
    question_more: "Further ones have to be written:" | "Weitere müssen geschrieben werden:";
    question_answer: "Answer" | "Antworten";
    question_no_volume: "Make no volume" | "Kein Volumen machen";
    question_no_volume_help: "Without a volume the files are kept and can be released as they are." | "Ohne Volumen bleiben die Dateien erhalten und können so freigegeben werden, wie sie sind.";
    question_top_folder: "The files at the top" | "Die Dateien auf oberster Ebene";
    answers_title: "What you said about the files" | "Was Sie zu den Dateien gesagt haben";
    answers_again: "Choose again" | "Neu wählen";
    answer_source: "Files" | "Dateien";
    answer_dataset: "Inside" | "Darin";
    answer_channel: "Channel" | "Kanal";
    answer_raw: "Raw voxels" | "Rohe Voxel";
    answer_labels: "Voxels" | "Voxel";
    labels_title: "What the voxels mean" | "Was die Voxel bedeuten";
    labels_text: "Of labels (a segmentation) coarser levels keep the most frequent value, and each becomes a surface of its own; grey values are averaged." | "Bei Labels (einer Segmentierung) behalten gröbere Stufen den häufigsten Wert, und jedes wird eine eigene Oberfläche; Grauwerte werden gemittelt.";
    labels_by_itself: "As file, name and values suggest" | "Wie Datei, Name und Werte nahelegen";
    labels_no: "Grey values" | "Grauwerte";
    labels_yes: "Labels" | "Labels";
    labels_keep: "Keep" | "Behalten";
    answer_no_volume: "No volume is made." | "Es wird kein Volumen gemacht.";
    raw_slices: "Slices (z)" | "Schichten (z)";
    raw_rows: "Rows (y)" | "Zeilen (y)";
    raw_columns: "Columns (x)" | "Spalten (x)";
    raw_type: "Type of a voxel" | "Typ eines Voxels";
    raw_order: "Byte order" | "Bytefolge";
    raw_little: "Little-endian (usual)" | "Little-endian (üblich)";
    raw_big: "Big-endian" | "Big-endian";
    raw_offset: "Bytes before the first voxel" | "Bytes vor dem ersten Voxel";
    raw_help: "16-bit grey values are uint16. A header at the beginning of the file counts as bytes before the first voxel." | "Graustufen mit 16 Bit sind uint16. Ein Kopf am Anfang der Datei zählt zu den Bytes vor dem ersten Voxel.";
    channel_fault: "A channel is a whole number, such as 0 for the first." | "Ein Kanal ist eine ganze Zahl, zum Beispiel 0 für den ersten.";
    offset_fault: "Bytes before the first voxel are a whole number, such as 512." | "Bytes vor dem ersten Voxel sind eine ganze Zahl, zum Beispiel 512.";
    go_back: "Go back and answer again; the files are as they were." | "Gehen Sie zurück und antworten Sie noch einmal; die Dateien sind unverändert.";
    raw_fault: "Give three whole numbers of voxels above zero: slices, rows, columns, such as 512, 1024, 1024." | "Geben Sie drei ganze Zahlen über null an: Schichten, Zeilen, Spalten, zum Beispiel 512, 1024, 1024.";

}
