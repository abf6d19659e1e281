#include "image_files.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

/* All that is alive across libpng's longjmp, behind one pointer. */
struct reading {
  png_structp png;
  png_infop info;
  const uint8_t *bytes;
  size_t left;
  /* How many zeros may stand for bytes that the end of the file lacks. */
  size_t zeros;
  int reads_pixels;
  char *message;
};

static void leave(png_structp png, png_const_charp text) {
  struct reading *reading = png_get_error_ptr(png);
  snprintf(reading->message, IMAGE_MESSAGE_SIZE, "%s", text);
  png_longjmp(png, 1);
}

/* Most warnings are of damage outside the image, such as a bad colour profile. The check that ends the pixels is the only
   thing that shows damage to them once checksums of chunks are passed over. */
static void warn(png_structp png, png_const_charp text) {
  struct reading *reading = png_get_error_ptr(png);
  if (reading->reads_pixels && strstr(text, "incorrect data check")) leave(png, text);
}

static void take(png_structp png, png_bytep target, png_size_t count) {
  struct reading *reading = png_get_io_ptr(png);
  size_t missing = count > reading->left ? count - reading->left : 0;
  if (missing > reading->zeros) png_error(png, "the file ends too early");
  reading->zeros -= missing;
  memcpy(target, reading->bytes, count - missing);
  memset(target + count - missing, 0, missing);
  reading->bytes += count - missing;
  reading->left -= count - missing;
}

static void finish(struct reading *reading) {
  png_destroy_read_struct(&reading->png, &reading->info, NULL);
}

static int prepare(struct reading *reading, const uint8_t *bytes, size_t count, char *message) {
  memset(reading, 0, sizeof *reading);
  reading->bytes = bytes;
  reading->left = count;
  reading->message = message;
  message[0] = 0;
  reading->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reading, leave, warn);
  if (reading->png) reading->info = png_create_info_struct(reading->png);
  if (!reading->info) {
    if (!message[0]) snprintf(message, IMAGE_MESSAGE_SIZE, "no memory for libpng");
    finish(reading);
    return 1;
  }
  png_set_read_fn(reading->png, reading, take);
  /* Swift limits the number of pixels, libpng need not limit the sides. */
  png_set_user_limits(reading->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  return 0;
}

static void describe(struct reading *reading, struct png_header *header) {
  png_structp png = reading->png;
  memset(header, 0, sizeof *header);
  png_read_info(png, reading->info);
  header->width = png_get_image_width(png, reading->info);
  header->height = png_get_image_height(png, reading->info);
  header->bit_depth = png_get_bit_depth(png, reading->info);
  header->color_type = png_get_color_type(png, reading->info);
  header->channels = png_get_channels(png, reading->info);
  /* Colours that the file does not give are black, as PIL has it. */
  for (int index = 0; index < 256; index++) header->palette[index * 4 + 3] = 255;
  png_colorp colors = NULL;
  int count = 0;
  if (header->color_type == PNG_COLOR_TYPE_PALETTE && png_get_PLTE(png, reading->info, &colors, &count)) {
    for (int index = 0; index < count; index++) {
      header->palette[index * 4] = colors[index].red;
      header->palette[index * 4 + 1] = colors[index].green;
      header->palette[index * 4 + 2] = colors[index].blue;
    }
  }
  png_bytep alpha = NULL;
  png_color_16p color = NULL;
  if (!png_get_tRNS(png, reading->info, &alpha, &count, &color)) return;
  if (header->color_type == PNG_COLOR_TYPE_PALETTE) {
    for (int index = 0; index < count && index < 256; index++) header->palette[index * 4 + 3] = alpha[index];
  } else if (color) {
    int grey = header->color_type == PNG_COLOR_TYPE_GRAY;
    header->has_transparent_color = 1;
    header->transparent_color[0] = grey ? color->gray : color->red;
    header->transparent_color[1] = grey ? color->gray : color->green;
    header->transparent_color[2] = grey ? color->gray : color->blue;
  }
}

static void decode(struct reading *reading, const struct png_header *described, uint8_t *pixels, size_t capacity) {
  png_structp png = reading->png;
  if (described->color_type == PNG_COLOR_TYPE_GRAY && described->bit_depth < 8) png_set_expand_gray_1_2_4_to_8(png);
  if (described->bit_depth < 8) png_set_packing(png);
  if (described->bit_depth == 16) png_set_strip_16(png);
  /* As PIL does, pixels are read whose chunks have a wrong or missing checksum, and what follows them is not looked at:
     zlib's own check tells whether they are whole. Chunks before them have been held to their checksums. */
  png_set_crc_action(png, PNG_CRC_QUIET_USE, PNG_CRC_NO_CHANGE);
  reading->reads_pixels = 1;
  reading->zeros = 4;
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, reading->info);
  size_t stride = (size_t)described->width * described->channels;
  if (png_get_rowbytes(png, reading->info) != stride || stride * described->height != capacity) {
    png_error(png, "the image changed its size");
  }
  for (int pass = 0; pass < passes; pass++) {
    for (size_t row = 0; row < described->height; row++) png_read_row(png, pixels + row * stride, NULL);
  }
}

/* The header, and the pixels where they are not NULL. */
static int read_file(const uint8_t *bytes, size_t count, struct png_header *header, uint8_t *pixels, size_t capacity,
                     char *message) {
  struct reading reading;
  if (prepare(&reading, bytes, count, message)) return 1;
  if (setjmp(png_jmpbuf(reading.png))) {
    finish(&reading);
    return 1;
  }
  describe(&reading, header);
  if (pixels) decode(&reading, header, pixels, capacity);
  finish(&reading);
  return 0;
}

int png_read_header_of(const uint8_t *bytes, size_t count, struct png_header *header, char *message) {
  return read_file(bytes, count, header, NULL, 0, message);
}

int png_read_pixels(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t capacity, char *message) {
  struct png_header header;
  return read_file(bytes, count, &header, pixels, capacity, message);
}

/* libpng's simplified functions return an error where the others would longjmp. */
int png_write(const uint8_t *rgb, uint32_t width, uint32_t height, uint8_t **result, size_t *result_count,
              char *message) {
  png_image image = {.version = PNG_IMAGE_VERSION, .width = width, .height = height, .format = PNG_FORMAT_RGB};
  png_alloc_size_t count = PNG_IMAGE_PNG_SIZE_MAX(image);
  *result = malloc(count);
  *result_count = 0;
  if (!*result) {
    snprintf(message, IMAGE_MESSAGE_SIZE, "no memory");
    return 1;
  }
  if (!png_image_write_to_memory(&image, *result, &count, 0, rgb, 0, NULL)) {
    snprintf(message, IMAGE_MESSAGE_SIZE, "%s", image.message);
    png_image_free(&image);
    free(*result);
    *result = NULL;
    return 1;
  }
  *result_count = count;
  return 0;
}
