// Answers of the API, as far as these pages show them (src/api/schemas).

export interface EventItem {
  id: string;
  name: string;
  date: string | null;
  starts_at: string | null;
  ends_at: string | null;
  timezone: string | null;
  location: string | null;
  city: string | null;
  country: string | null;
  is_online: boolean;
  status: string;
  luma_url: string | null;
  image_url: string | null;
  topics: string[];
  data_quality_score: number;
  processing_status: string;
  score?: number;
  highlights?: { name?: string | null; description?: string | null };
}

export interface EventDocument extends Omit<EventItem, "topics"> {
  description: string | null;
  venue: string | null;
  address: string | null;
  speakers: { id: string; name: string; company: string | null; role: string; extraction_confidence: number }[];
  companies: { id: string; name: string; domain: string | null; relationship_type: string }[];
  topics: { id: string; name: string; category: string; relevance_score: number }[];
  sources: string[];
  processing_error: string | null;
  scraped_at: string | null;
}

export interface List<T> {
  data: T[];
  page: { limit: number; has_more: boolean; next_cursor: string | null; total?: number };
}
