/* Reads and writes PNG and JPEG, and reads WebP. libpng and libjpeg report errors with longjmp, which must not cross
   Swift frames: it stays in this target. Every function returns 0, or 1 with a message of one line. */
#ifndef HEADATLAS_IMAGE_FILES_H
#define HEADATLAS_IMAGE_FILES_H

#include <stddef.h>
#include <stdint.h>

enum { IMAGE_MESSAGE_SIZE = 256 };

struct jpeg_header {
  uint32_t width, height;
  int32_t components; /* of the decoded image: 1 grey, 3 RGB, 4 CMYK */
};

int jpeg_read_header_of(const uint8_t *bytes, size_t count, struct jpeg_header *header, char *message);

/* `pixels` takes width · height · components bytes. CMYK comes with 255 for full ink: Adobe's files, the only
   ones in use, store it inverted. */
int jpeg_read_pixels(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t capacity, char *message);

/* `*result` is malloc's, for the caller to free; NULL after a failure. */
int jpeg_write(const uint8_t *rgb, uint32_t width, uint32_t height, int quality, uint8_t **result,
               size_t *result_count, char *message);

struct png_header {
  uint32_t width, height;
  int32_t bit_depth;
  int32_t color_type; /* as the format numbers them: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA */
  int32_t channels;   /* of the decoded image */
  uint8_t palette[256 * 4]; /* RGBA */
  int32_t has_transparent_color;
  uint16_t transparent_color[3]; /* grey: the first only; in the file's own bit depth */
};

int png_read_header_of(const uint8_t *bytes, size_t count, struct png_header *header, char *message);

/* `pixels` takes width · height · channels bytes: palette indices as they are, grey of less than 8 bits stretched,
   16 bits cut to the upper 8. */
int png_read_pixels(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t capacity, char *message);

/* `*result` is malloc's, for the caller to free; NULL after a failure. */
int png_write(const uint8_t *rgb, uint32_t width, uint32_t height, uint8_t **result, size_t *result_count,
              char *message);

struct webp_header {
  uint32_t width, height; /* of the canvas; at most 2^24 each, and below 2^32 pixels in all */
  int32_t has_alpha;
  int32_t is_animated;
  size_t exif_start, exif_count; /* where the EXIF data stands in the file; no bytes where there is none */
};

/* The whole file must be there. */
int webp_read_header_of(const uint8_t *bytes, size_t count, struct webp_header *header, char *message);

/* `pixels` takes width · height · 3 bytes, or 4 with alpha, which is not multiplied in; of an animation the first frame
   on its canvas. */
int webp_read_pixels(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t capacity, char *message);

#endif
