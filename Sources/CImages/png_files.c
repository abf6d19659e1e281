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
  struct png_header *header;
  /* NULL where the header is wanted alone. */
  uint8_t *pixels;
  size_t capacity;
  size_t stride;
  /* Set once the header is described, and once the last row is there. */
  int is_described, is_whole;
  int passes;
  char *message;
};

static void leave(png_structp png, png_const_charp text) {
  struct reading *reading = png_get_error_ptr(png);
  snprintf(reading->message, IMAGE_MESSAGE_SIZE, "%s", text);
  png_longjmp(png, 1);
}

/* Before the pixels, warnings are of damage outside the image, such as a bad colour profile. The check that ends the pixels
   is the only thing that shows damage to them once checksums of chunks are passed over: it fails with the last row, or behind
   it where it stands in another chunk. */
static void warn(png_structp png, png_const_charp text) {
  if (strstr(text, "ADLER32") || strstr(text, "Truncated compressed data")) {
    leave(png, "the pixels differ from their check");
  }
}

static void describe(png_structp png, png_infop info, struct png_header *header) {
  memset(header, 0, sizeof *header);
  header->width = png_get_image_width(png, info);
  header->height = png_get_image_height(png, info);
  header->bit_depth = png_get_bit_depth(png, info);
  header->color_type = png_get_color_type(png, info);
  header->channels = png_get_channels(png, info);
  /* Colours that the file does not give are black, as PIL has it. */
  for (int index = 0; index < 256; index++) header->palette[index * 4 + 3] = 255;
  png_colorp colors = NULL;
  int count = 0;
  if (header->color_type == PNG_COLOR_TYPE_PALETTE && png_get_PLTE(png, info, &colors, &count)) {
    for (int index = 0; index < count; index++) {
      header->palette[index * 4] = colors[index].red;
      header->palette[index * 4 + 1] = colors[index].green;
      header->palette[index * 4 + 2] = colors[index].blue;
    }
  }
  png_bytep alpha = NULL;
  png_color_16p color = NULL;
  if (!png_get_tRNS(png, info, &alpha, &count, &color)) return;
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

/* Called where the pixels begin. */
static void begin(png_structp png, png_infop info) {
  struct reading *reading = png_get_progressive_ptr(png);
  const struct png_header *header = reading->header;
  describe(png, info, reading->header);
  reading->is_described = 1;
  if (!reading->pixels) return;
  if (header->color_type == PNG_COLOR_TYPE_GRAY && header->bit_depth < 8) png_set_expand_gray_1_2_4_to_8(png);
  if (header->bit_depth < 8) png_set_packing(png);
  if (header->bit_depth == 16) png_set_strip_16(png);
  /* As PIL does, pixels are read whose chunks have a wrong or missing checksum: zlib's own check tells whether they are
     whole. Chunks before them have been held to their checksums. */
  png_set_crc_action(png, PNG_CRC_QUIET_USE, PNG_CRC_NO_CHANGE);
  reading->passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  reading->stride = (size_t)header->width * header->channels;
  if (png_get_rowbytes(png, info) != reading->stride || reading->stride * header->height != reading->capacity) {
    png_error(png, "the image changed its size");
  }
}

static void take_row(png_structp png, png_bytep row, png_uint_32 number, int pass) {
  struct reading *reading = png_get_progressive_ptr(png);
  png_progressive_combine_row(png, reading->pixels + number * reading->stride, row);
  if (pass == reading->passes - 1 && number == reading->header->height - 1) reading->is_whole = 1;
}

static int prepare(struct reading *reading) {
  reading->message[0] = 0;
  reading->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reading, leave, warn);
  if (reading->png) reading->info = png_create_info_struct(reading->png);
  if (!reading->info) {
    if (!reading->message[0]) snprintf(reading->message, IMAGE_MESSAGE_SIZE, "no memory for libpng");
    return 1;
  }
  png_set_progressive_read_fn(reading->png, reading, begin, take_row, NULL);
  /* Swift limits the number of pixels, libpng need not limit the sides. */
  png_set_user_limits(reading->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  /* Some programs state a smaller window of compression than they use, which PIL does not ask for. */
  png_set_option(reading->png, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON);
  return 0;
}

static void give(struct reading *reading, const uint8_t *bytes, size_t count) {
  /* libpng does not write to them. */
  if (count) png_process_data(reading->png, reading->info, (png_bytep)bytes, count);
}

/* The names that PIL takes for such: what else stands there is no chunk. */
static int is_name(const uint8_t *bytes) {
  for (int index = 0; index < 4; index++) {
    uint8_t byte = bytes[index];
    int is_letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
    if (!is_letter && !(byte >= '0' && byte <= '9') && byte != '_') return 0;
  }
  return 1;
}

/* Gives libpng the chunks that make the image, up to the end of the pixels; what else is in the file, it does not see. So it
   does not matter whether that is whole, in its place, or known. */
static void walk(struct reading *reading, const uint8_t *bytes, size_t count) {
  static const char wanted[][5] = {"IHDR", "PLTE", "tRNS", "IDAT"};
  enum { SIGNATURE = 8, HEAD = 8, CHECKSUM = 4 };
  static const uint8_t no_checksum[CHECKSUM];
  size_t place = count < SIGNATURE ? count : SIGNATURE;
  give(reading, bytes, place);
  int is_behind = 0;
  while (count - place >= HEAD) {
    uint8_t head[HEAD];
    memcpy(head, bytes + place, HEAD);
    place += HEAD;
    int is_pixels = !memcmp(head + 4, "IDAT", 4);
    if ((is_behind && !is_pixels) || !memcmp(head + 4, "IEND", 4)) break;
    is_behind = is_pixels;
    if (!is_name(head + 4)) png_error(reading->png, "the name of a chunk is none");
    size_t size = png_get_uint_32(head);
    size_t left = count - place;
    if (size > left && !is_pixels) break;
    /* The pixels may be whole though the chunk is not, or says that it is longer. */
    if (size > left) size = left;
    if (size > PNG_UINT_31_MAX) png_error(reading->png, "a chunk is longer than 2 GiB");
    size_t checksum = left - size < CHECKSUM ? left - size : CHECKSUM;
    int is_wanted = 0;
    for (size_t index = 0; index < sizeof wanted / sizeof *wanted; index++) {
      is_wanted |= !memcmp(head + 4, wanted[index], 4);
    }
    if (is_wanted) {
      png_save_uint_32(head, (png_uint_32)size);
      give(reading, head, HEAD);
      if (reading->is_described && !reading->pixels) return;
      give(reading, bytes + place, size);
      give(reading, bytes + place + size, checksum);
      if (is_pixels) give(reading, no_checksum, CHECKSUM - checksum);
    }
    place += size + checksum;
  }
  if (!reading->is_described) png_error(reading->png, "the file ends too early");
  if (reading->pixels && !reading->is_whole) {
    png_error(reading->png, place < count || is_behind == 0 ? "pixels are missing" : "the file ends too early");
  }
}

/* The header, and the pixels where they are not NULL. */
static int read_file(const uint8_t *bytes, size_t count, struct png_header *header, uint8_t *pixels, size_t capacity,
                     char *message) {
  struct reading reading = {.header = header, .pixels = pixels, .capacity = capacity, .message = message};
  if (prepare(&reading) || setjmp(png_jmpbuf(reading.png))) {
    png_destroy_read_struct(&reading.png, &reading.info, NULL);
    return 1;
  }
  walk(&reading, bytes, count);
  png_destroy_read_struct(&reading.png, &reading.info, NULL);
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
