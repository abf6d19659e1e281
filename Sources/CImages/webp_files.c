#include "image_files.h"

#include <stdio.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/demux.h>

static int fail(char *message, const char *text) {
  snprintf(message, IMAGE_MESSAGE_SIZE, "%s", text);
  return 1;
}

/* The file's chunks, all of which must be there; NULL with a message where they are not. */
static WebPDemuxer *opened(const WebPData *data, char *message) {
  WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
  WebPDemuxer *demuxer = WebPDemuxPartial(data, &state);
  if (demuxer && state == WEBP_DEMUX_DONE) return demuxer;
  WebPDemuxDelete(demuxer);
  int is_short = state == WEBP_DEMUX_PARSING_HEADER || state == WEBP_DEMUX_PARSED_HEADER;
  fail(message, is_short ? "the file ends too early" : "its chunks contradict each other");
  return NULL;
}

int webp_read_header_of(const uint8_t *bytes, size_t count, struct webp_header *header, char *message) {
  WebPData data = {bytes, count};
  memset(header, 0, sizeof *header);
  message[0] = 0;
  WebPDemuxer *demuxer = opened(&data, message);
  if (!demuxer) return 1;
  header->width = WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH);
  header->height = WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT);
  header->is_animated = (WebPDemuxGetI(demuxer, WEBP_FF_FORMAT_FLAGS) & ANIMATION_FLAG) != 0;
  WebPBitstreamFeatures features;
  header->has_alpha = WebPGetFeatures(bytes, count, &features) != VP8_STATUS_OK || features.has_alpha;
  WebPChunkIterator chunk;
  if (WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk)) {
    header->exif_start = chunk.chunk.bytes - bytes;
    header->exif_count = chunk.chunk.size;
    WebPDemuxReleaseChunkIterator(&chunk);
  }
  WebPDemuxDelete(demuxer);
  return 0;
}

/* The first frame on its canvas, which is transparent black where the frame is not. */
static int read_first_frame(const WebPData *data, const struct webp_header *header, uint8_t *pixels, char *message) {
  WebPAnimDecoder *decoder = WebPAnimDecoderNew(data, NULL);
  if (!decoder) return fail(message, "the animation cannot be read");
  uint8_t *rgba = NULL;
  int time = 0;
  int is_read = WebPAnimDecoderGetNext(decoder, &rgba, &time);
  if (is_read) {
    size_t area = (size_t)header->width * header->height;
    if (header->has_alpha) {
      memcpy(pixels, rgba, area * 4);
    } else {
      for (size_t index = 0; index < area; index++) memcpy(pixels + index * 3, rgba + index * 4, 3);
    }
  }
  WebPAnimDecoderDelete(decoder);
  return is_read ? 0 : fail(message, "the first frame of the animation is damaged");
}

int webp_read_pixels(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t capacity, char *message) {
  struct webp_header header;
  if (webp_read_header_of(bytes, count, &header, message)) return 1;
  size_t stride = (size_t)header.width * (header.has_alpha ? 4 : 3);
  if (stride * header.height != capacity) return fail(message, "the image changed its size");
  WebPData data = {bytes, count};
  if (header.is_animated) return read_first_frame(&data, &header, pixels, message);
  uint8_t *read = header.has_alpha ? WebPDecodeRGBAInto(bytes, count, pixels, capacity, (int)stride)
                                   : WebPDecodeRGBInto(bytes, count, pixels, capacity, (int)stride);
  return read ? 0 : fail(message, "its pixels cannot be decoded");
}
