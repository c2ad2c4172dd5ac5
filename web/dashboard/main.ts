import "../shared/style.css";
