//! The tags that are asked for (PS3.6), and those of the patient, whose values are never read.

pub(super) const GROUP_LENGTH: u32 = 0x0002_0000;
pub(super) const TRANSFER_SYNTAX: u32 = 0x0002_0010;
pub(super) const DIRECTORY_RECORDS: u32 = 0x0004_1220;
pub(super) const REFERENCED_FILE: u32 = 0x0004_1500;
pub(super) const ACQUISITION_DATE: u32 = 0x0008_0022;
pub(super) const MODALITY: u32 = 0x0008_0060;
pub(super) const INSTITUTION: u32 = 0x0008_0080;
pub(super) const MANUFACTURER: u32 = 0x0008_0070;
pub(super) const SERIES_DESCRIPTION: u32 = 0x0008_103e;
pub(super) const MODEL: u32 = 0x0008_1090;
pub(super) const BODY_PART: u32 = 0x0018_0015;
pub(super) const SLICE_THICKNESS: u32 = 0x0018_0050;
pub(super) const TUBE_VOLTAGE: u32 = 0x0018_0060;
pub(super) const SLICE_SPACING: u32 = 0x0018_0088;
pub(super) const SOFTWARE: u32 = 0x0018_1020;
pub(super) const PROTOCOL: u32 = 0x0018_1030;
pub(super) const SOURCE_TO_DETECTOR: u32 = 0x0018_1110;
pub(super) const SOURCE_TO_PATIENT: u32 = 0x0018_1111;
pub(super) const EXPOSURE_TIME: u32 = 0x0018_1150;
pub(super) const TUBE_CURRENT: u32 = 0x0018_1151;
pub(super) const FILTER: u32 = 0x0018_1160;
pub(super) const KERNEL: u32 = 0x0018_1210;
pub(super) const SERIES: u32 = 0x0020_000e;
pub(super) const SERIES_NUMBER: u32 = 0x0020_0011;
pub(super) const INSTANCE_NUMBER: u32 = 0x0020_0013;
pub(super) const POSITION: u32 = 0x0020_0032;
pub(super) const ORIENTATION: u32 = 0x0020_0037;
pub(super) const LOCATION: u32 = 0x0020_1041;
pub(super) const PLANE_POSITION: u32 = 0x0020_9113;
pub(super) const PLANE_ORIENTATION: u32 = 0x0020_9116;
pub(super) const SAMPLES: u32 = 0x0028_0002;
pub(super) const PHOTOMETRIC: u32 = 0x0028_0004;
pub(super) const FRAMES: u32 = 0x0028_0008;
pub(super) const ROWS: u32 = 0x0028_0010;
pub(super) const COLUMNS: u32 = 0x0028_0011;
pub(super) const PIXEL_SPACING: u32 = 0x0028_0030;
pub(super) const BITS_ALLOCATED: u32 = 0x0028_0100;
pub(super) const BITS_STORED: u32 = 0x0028_0101;
pub(super) const HIGH_BIT: u32 = 0x0028_0102;
pub(super) const SIGNED: u32 = 0x0028_0103;
pub(super) const RESCALE_INTERCEPT: u32 = 0x0028_1052;
pub(super) const RESCALE_SLOPE: u32 = 0x0028_1053;
pub(super) const RESCALE_TYPE: u32 = 0x0028_1054;
pub(super) const LOSSY: u32 = 0x0028_2110;
pub(super) const PIXEL_MEASURES: u32 = 0x0028_9110;
pub(super) const VALUE_TRANSFORMATION: u32 = 0x0028_9145;
pub(super) const FRAME_OFFSETS: u32 = 0x3004_000c;
pub(super) const SHARED_GROUPS: u32 = 0x5200_9229;
pub(super) const FRAME_GROUPS: u32 = 0x5200_9230;
pub(super) const SEGMENTATION_TYPE: u32 = 0x0062_0001;
pub(super) const FLOAT_PIXELS: u32 = 0x7fe0_0008;
pub(super) const DOUBLE_PIXELS: u32 = 0x7fe0_0009;
pub(super) const PIXEL_DATA: u32 = 0x7fe0_0010;
pub(super) const ITEM: u32 = 0xfffe_e000;
pub(super) const ITEM_END: u32 = 0xfffe_e00d;
pub(super) const SEQUENCE_END: u32 = 0xfffe_e0dd;

pub(super) const PIXELS: [u32; 3] = [FLOAT_PIXELS, DOUBLE_PIXELS, PIXEL_DATA];

pub(super) const SEQUENCES: [u32; 7] =
    [DIRECTORY_RECORDS, PLANE_POSITION, PLANE_ORIENTATION, PIXEL_MEASURES, VALUE_TRANSFORMATION, SHARED_GROUPS, FRAME_GROUPS];

#[rustfmt::skip]
pub(super) const WANTED: [u32; 42] = [
    TRANSFER_SYNTAX, REFERENCED_FILE, ACQUISITION_DATE, MODALITY, MANUFACTURER, MODEL, BODY_PART, SLICE_THICKNESS, TUBE_VOLTAGE,
    SLICE_SPACING, SOFTWARE, SERIES, SERIES_NUMBER, INSTANCE_NUMBER, POSITION, ORIENTATION, LOCATION, SAMPLES, PHOTOMETRIC, FRAMES, ROWS,
    COLUMNS, PIXEL_SPACING, BITS_ALLOCATED, BITS_STORED, HIGH_BIT, SIGNED, RESCALE_INTERCEPT, RESCALE_SLOPE, RESCALE_TYPE, LOSSY, FRAME_OFFSETS,
    SEGMENTATION_TYPE, INSTITUTION, SERIES_DESCRIPTION, PROTOCOL, SOURCE_TO_DETECTOR, SOURCE_TO_PATIENT, EXPOSURE_TIME, TUBE_CURRENT, FILTER,
    KERNEL,
];

/// Name, number, birth date, other numbers and names, address, telephone number of the patient.
pub(super) const PERSONAL: [u32; 7] = [0x0010_0010, 0x0010_0020, 0x0010_0030, 0x0010_1000, 0x0010_1001, 0x0010_1040, 0x0010_2154];
