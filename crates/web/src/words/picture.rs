//! The words of the page where owners choose how their record is seen, and of uploaded movies.

use crate::language::Language;

words! {
    pub(crate) struct PictureWords, PICTURE_ENGLISH, PICTURE_GERMAN;

    picture_choose: "Choose look and view" | "Aussehen und Ansicht wählen";
    picture_title: "How your record is seen" | "Wie Ihr Eintrag zu sehen ist";
    picture_help: "This is the picture on the record's page, on cards and in shared links; the movie is turned the same way. Nothing changes before you keep it." | "Das ist das Bild auf der Seite des Eintrags, auf Karten und in geteilten Links; der Film wird ebenso gedreht. Es ändert sich nichts, bevor Sie es behalten.";
    picture_no_volume: "There is no volume yet. What you keep is used as soon as there is one." | "Es gibt noch kein Volumen. Was Sie behalten, gilt, sobald es eines gibt.";
    picture_present: "The present picture" | "Das jetzige Bild";
    picture_tried: "Tried: a small picture of a coarse level; the one that is kept is finer" | "Zur Probe: ein kleines Bild einer groben Stufe; das behaltene wird feiner";
    picture_kept: "Kept. Pictures and movie are being made again; that takes some minutes." | "Behalten. Bilder und Film werden neu gemacht; das dauert einige Minuten.";
    picture_look: "Look" | "Aussehen";
    picture_automatic: "Automatic" | "Automatisch";
    look_bone: "Bone" | "Knochen";
    look_soft_tissue: "Soft tissue" | "Weichgewebe";
    look_foam: "Foam" | "Schaum";
    look_metal: "Metal" | "Metall";
    look_cryo_em: "Cells and molecules (cryo-EM)" | "Zellen und Moleküle (Kryo-EM)";
    look_glow: "Glow" | "Leuchten";
    look_radiograph: "Radiograph" | "Durchleuchtung";
    picture_from: "Seen from" | "Gesehen von";
    from_usual: "Usual" | "Üblich";
    from_front: "Front" | "Vorn";
    from_back: "Back" | "Hinten";
    from_left: "Left" | "Links";
    from_right: "Right" | "Rechts";
    from_above: "Above" | "Oben";
    from_below: "Below" | "Unten";
    picture_azimuth: "Around, in degrees" | "Ringsum, in Grad";
    picture_elevation: "Height of the eye, in degrees" | "Höhe des Auges, in Grad";
    picture_zoom: "Magnification" | "Vergrößerung";
    picture_zoom_help: "1 fills the picture, 2 comes twice as near." | "1 füllt das Bild, 2 ist doppelt so nah.";
    picture_ground: "Ground" | "Hintergrund";
    ground_dark: "Dark" | "Dunkel";
    ground_black: "Black" | "Schwarz";
    ground_white: "White" | "Weiß";
    picture_show: "Show it" | "Zeigen";
    picture_keep: "Keep it" | "Behalten";
    picture_usual: "Back to automatic" | "Zurück zum automatischen";
    picture_of_viewer: "Use this view for the record's picture" | "Diese Ansicht für das Bild des Eintrags";
}

impl PictureWords {
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &PICTURE_ENGLISH,
            Language::German => &PICTURE_GERMAN,
        }
    }
}
